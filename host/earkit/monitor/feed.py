"""What the page is told: reports gathered into a message per tick, and what a new page must know.

Called from two threads: reports come in one, messages are taken in another.
"""

import base64
import io
import threading
import wave
from collections import OrderedDict
from typing import Any

import numpy as np

from earkit.monitor.console import as_text
from earkit.monitor.reports import (
    SAMPLE_RATE,
    Audio,
    Connected,
    Detection,
    Features,
    Gone,
    Health,
    Note,
    Report,
    Scores,
    Setting,
    level_db,
)
from earkit.monitor.sound import HOPS_PER_SECOND, MS_PER_HOP, Samples, SoundRing
from earkit.settings import words_of

CLIPS = 100
"""Detections, with their sound, that a page can show and play."""
NOTES = 50
_ROWS_AT_ONCE = 100
"""Features of 2 s in one message at most; a page needs no older ones."""


class Feed:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._boards: dict[str, dict[str, Any]] = {}
        self._rings: dict[str, SoundRing] = {}
        self._detections: OrderedDict[int, dict[str, Any]] = OrderedDict()
        self._clips: dict[int, bytes] = {}
        self._number = 0
        self._tick: dict[str, dict[str, Any]] = {}
        self._events: list[dict[str, Any]] = []

    def take(self, report: Report | None) -> None:
        """A sink."""
        if report is None:
            return
        with self._lock:
            self._take(report)

    def _take(self, report: Report) -> None:
        board = report.board
        if isinstance(report, Features):
            rows = self._stream(board)["rows"]
            rows.append(report.row.tobytes())
            del rows[:-_ROWS_AT_ONCE]
        elif isinstance(report, Audio):
            self._rings.setdefault(board, SoundRing(2.0)).add(report)
            self._stream(board)["level"] = round(level_db(report.samples), 1)
        elif isinstance(report, Scores):
            scores = self._stream(board)["scores"]
            scores.append([report.ms, *report.scores])
            del scores[:-_ROWS_AT_ONCE]
        elif isinstance(report, Detection):
            self._detected(report)
        else:
            self._changed(report)

    def _stream(self, board: str) -> dict[str, Any]:
        return self._tick.setdefault(board, {"rows": [], "scores": [], "level": None})

    def _detected(self, found: Detection) -> None:
        self._number += 1
        clip = self._last_second(found)
        event = {
            "kind": "heard", "board": found.board, "label": found.label, "score": found.score, "ms": found.ms,
            "time": found.time.isoformat("T", "milliseconds"), "latency": found.latency_ms,
            "number": self._number, "clip": clip is not None,
        }  # fmt: skip
        self._detections[self._number] = event
        if clip is not None:
            self._clips[self._number] = clip
        while len(self._detections) > CLIPS:
            oldest, _ = self._detections.popitem(last=False)
            self._clips.pop(oldest, None)
        self._tell(event)

    def _tell(self, event: dict[str, Any]) -> None:
        """Bounded while no page takes it."""
        self._events.append(event)
        del self._events[: -(CLIPS + NOTES)]

    def _last_second(self, found: Detection) -> bytes | None:
        ring = self._rings.get(found.board)
        if ring is None:
            return None
        samples, missing = ring.cut(found.ms // MS_PER_HOP - HOPS_PER_SECOND + 1, HOPS_PER_SECOND)
        return _wav(samples) if missing < HOPS_PER_SECOND else None

    def _changed(self, report: Report) -> None:
        known = self._boards.setdefault(
            report.board, {"kind": "board", "board": report.board, "state": "waiting"}
        )
        if isinstance(report, Connected):
            who = {name: value for name, value in report.identity.__dict__.items() if name != "id"}
            who["words"] = words_of(report.identity.labels)
            known.update(state="connected", settings=dict(report.settings), identity=who)
        elif isinstance(report, Gone):
            known["state"] = "gone"
            self._rings.pop(report.board, None)
        elif isinstance(report, Health):
            names = ("cpu_percent", "lost_frames", "lost_events", "damaged")
            overruns = report.stats.get("overruns")
            known["health"] = {name: getattr(report, name) for name in names} | {
                "overruns": overruns if isinstance(overruns, int) and 0 <= overruns < 2**53 else None
            }
        elif isinstance(report, Setting):
            known.setdefault("settings", {})[report.name] = report.value
        elif isinstance(report, Note):
            if not report.board:
                self._boards.pop("")
            self._tell({"kind": "note", "board": report.board, "text": as_text(report)})
            return
        self._tell({**known, "settings": dict(known.get("settings", {}))})

    def message(self) -> dict[str, Any] | None:
        """What happened since the last call; None when nothing did."""
        with self._lock:
            tick, self._tick = self._tick, {}
            events, self._events = self._events, []
        if not tick and not events:
            return None
        for stream in tick.values():
            stream["rows"] = base64.b64encode(b"".join(stream["rows"])).decode()
        return {"events": events, "streams": tick}

    def snapshot(self) -> dict[str, Any]:
        """What a page that has just been opened must know."""
        with self._lock:
            boards = [{**known} for known in self._boards.values()]
            return {"events": [*boards, *self._detections.values()], "streams": {}}

    def clip(self, number: int) -> bytes | None:
        """The WAV of the second before detection `number`."""
        with self._lock:
            return self._clips.get(number)

    def has_setting(self, board: str, name: str) -> bool:
        with self._lock:
            return name in self._boards.get(board, {}).get("settings", {})


def _wav(samples: Samples) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.astype(np.dtype("<i2")).tobytes())
    return buffer.getvalue()
