"""The monitor on a terminal: a live panel per board, plain lines, or JSON lines."""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from earkit.monitor.reports import (
    Audio,
    Connected,
    Detection,
    Gone,
    Health,
    Note,
    Report,
    Scores,
    Setting,
    level_db,
)
from earkit.settings import words_of

BAR = 24
QUIETEST_DB = -72.0
RECENT = 8
"""Detections and notes on show in the live panel."""
FRAMES_PER_SECOND = 8


def greeting(report: Connected) -> str:
    who = report.identity
    return (
        f"connected: {who.model} on {who.board}, {who.engine} engine{_version(who.firmware)}; "
        f"listens for {', '.join(words_of(who.labels))}"
    )


def _version(firmware: str) -> str:
    return firmware and f", firmware {firmware}"


def as_text(report: Report) -> str | None:
    """The report's plain line; None for those that come too often to print."""
    if isinstance(report, Detection):
        late = f" latency {report.latency_ms:.0f} ms" if report.latency_ms is not None else ""
        return f"{report.time:%H:%M:%S} Heard {report.label} ({report.score}) @{report.ms}ms{late}"
    if isinstance(report, Connected):
        return greeting(report)
    if isinstance(report, Gone):
        return "the board has gone; waiting for it"
    if isinstance(report, Setting):
        return f"{report.name} is now {report.value}"
    return report.text if isinstance(report, Note) else None


def as_json(report: Report) -> str | None:
    """One JSON object per report, ASCII only; None for sound and features."""
    kind, fields = _fields(report)
    if kind is None:
        return None
    return json.dumps({"event": kind, "board": report.board, **fields})


def _fields(report: Report) -> tuple[str | None, dict[str, Any]]:
    if isinstance(report, Detection):
        return "heard", {
            "label": report.label, "score": report.score, "ms": report.ms,
            "time": report.time.isoformat("T", "milliseconds"), "latency_ms": report.latency_ms,
            "board_id": report.identity.id, "sha256": report.identity.sha256, "seq": report.sequence,
        }  # fmt: skip
    if isinstance(report, Scores):
        return "scores", {"ms": report.ms, "scores": report.scores}
    if isinstance(report, Health):
        counts = {name: getattr(report, name) for name in ("lost_frames", "lost_events", "damaged")}
        return "health", {"cpu_percent": report.cpu_percent, **counts, "stats": report.stats}
    if isinstance(report, Connected):
        return "connected", {**report.identity.__dict__, "settings": report.settings}
    if isinstance(report, Gone):
        return "gone", {}
    if isinstance(report, Setting):
        return "setting", {"name": report.name, "value": report.value}
    return ("note", {"text": report.text}) if isinstance(report, Note) else (None, {})


def lines(
    out: Callable[[str], None], err: Callable[[str], None], named: bool
) -> Callable[[Report | None], None]:
    """A sink that prints detections to `out` and the rest to `err`, with the board's name when `named`."""

    def take(report: Report | None) -> None:
        text = None if report is None else as_text(report)
        if text is not None:
            prefix = f"{report.board}: " if named and report and report.board else ""
            (out if isinstance(report, Detection) else err)(prefix + text)

    return take


@dataclass
class _Panel:
    """What is known of one board."""

    state: str = "waiting"
    facts: str = ""
    labels: tuple[str, ...] = ()
    scores: tuple[int, ...] = ()
    level: float | None = None
    health: Health | None = None


@dataclass
class Panels:
    """The live picture; feed it reports and draw it when `is_due`."""

    console: Console
    boards: dict[str, _Panel] = field(default_factory=dict)
    recent: deque[Text] = field(default_factory=lambda: deque(maxlen=RECENT))
    _next: float = 0.0

    def __post_init__(self) -> None:
        self.live = Live(console=self.console, auto_refresh=False, screen=False)

    def show(self, report: Report | None) -> None:
        """A sink."""
        if report is not None:
            self.take(report)
        self.draw()

    def take(self, report: Report) -> None:
        if not report.board:  # what concerns no board, such as the page's address, stays above the panel
            self.live.console.print(Text(as_text(report) or ""), soft_wrap=True)
            return
        self._note(report)
        panel = self.boards.setdefault(report.board, _Panel())
        if isinstance(report, Connected):
            who = report.identity
            panel.state, panel.labels, panel.scores = "connected", who.labels, ()
            panel.facts = f"{who.model} on {who.board}, {who.engine} engine{_version(who.firmware)}"
        elif isinstance(report, Gone):
            panel.state, panel.scores, panel.level = "gone, waiting", (), None
        elif isinstance(report, Scores):
            panel.scores = report.scores
        elif isinstance(report, Audio):
            panel.level = level_db(report.samples)
        elif isinstance(report, Health):
            panel.health = report

    def _note(self, report: Report) -> None:
        text = as_text(report)
        if text is None:
            return
        prefix = f"{report.board}: " if len(self.boards) > 1 else ""
        style = "bold green" if isinstance(report, Detection) else "dim"
        self.recent.append(Text(prefix + text, style=style, no_wrap=True, overflow="ellipsis"))

    def draw(self) -> None:
        """Refresh the screen, at most FRAMES_PER_SECOND times a second."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + 1 / FRAMES_PER_SECOND
            self.live.update(self.picture(), refresh=True)

    def picture(self) -> Group:
        parts = [part for name, panel in self.boards.items() for part in _draw(name, panel)]
        return Group(*parts, *self.recent)


def _draw(name: str, panel: _Panel) -> list[Text | Table]:
    color = "green" if panel.state == "connected" else "yellow"
    head = Text.assemble((name, "bold"), "  ", (panel.state, color), "  ", (panel.facts, "dim"))
    head.no_wrap, head.overflow = True, "ellipsis"
    bars = Table.grid(padding=(0, 1))
    if panel.level is not None:
        filled = 1 - panel.level / QUIETEST_DB
        bars.add_row("level", _bar(filled, "cyan"), f"{panel.level:4.0f} dB")
    for label, score in zip(panel.labels, panel.scores, strict=False):
        bars.add_row(label, _bar(score / 255, "green"), f"{score:4d}")
    parts: list[Text | Table] = [head, bars]
    if panel.health is not None:
        parts.append(Text(_health_line(panel.health), style="dim", no_wrap=True, overflow="ellipsis"))
    return parts


def _bar(share: float, color: str) -> Text:
    filled = round(BAR * min(max(share, 0.0), 1.0))
    return Text.assemble(("█" * filled, color), ("░" * (BAR - filled), "dim"))


def _health_line(health: Health) -> str:
    cpu = "?" if health.cpu_percent is None else f"{health.cpu_percent:.0f} %"
    overruns = health.stats.get("overruns")
    shown = overruns if isinstance(overruns, int) else "?"
    return (
        f"CPU {cpu}  overruns {shown}  lost frames {health.lost_frames}  "
        f"lost lines {health.lost_events}  damaged {health.damaged}"
    )
