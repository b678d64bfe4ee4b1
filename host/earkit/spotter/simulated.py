"""Sound into the simulated board's microphone, and what it said and spent."""

import json
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earkit.core.frontend import Samples
from earkit.core.spotter import ABLE
from earkit.device.protocol import Event, parse_line
from earkit.errors import SimulatorError
from earkit.simulator.board import SimulatedBoard
from earkit.simulator.trace import Trace
from earkit.spotter.heard import Heard

_SLICE = 0.1
_DEAF = 3.0
"""Seconds after which a firmware that takes no sound never will; its watchdog had its chance by then."""
_LAST_WORDS = 0.5
"""Seconds after the sound in which a detection may still come."""
_RENODE_LAST_WORDS, _RENODE_SLICE = 1.0, 0.5
"""The same for Renode; seconds at a time there."""
_SAMPLE_RATE = ABLE.sample_rate


def _ignore(_: object) -> None:
    """Where nobody listens."""


@dataclass
class Playback:
    lines: list[str] = field(default_factory=list)
    """What the board sent, line by line, as a plain terminal shows it."""
    seconds: float = 0.0
    instructions: int = 0
    asleep: float = 0.0
    """Share of the time, 0..1."""
    stats: dict[str, Any] = field(default_factory=dict)
    """The board's own answer to `stats` at the end (docs/protocol.md)."""

    @property
    def heard(self) -> list[Heard]:
        return heard_in(self.lines)


def heard_in(lines: Iterable[str]) -> list[Heard]:
    """The detections among a board's lines."""
    events = (
        item.fields for item in map(parse_line, lines) if isinstance(item, Event) and item.kind == "heard"
    )
    return [Heard(event["label"], event["score"], event["ms"]) for event in events]


def play(
    image: Path,
    samples: Samples,
    said: Callable[[str], None] = _ignore,
    warn: Callable[[str], None] = _ignore,
    moved: Callable[[float], None] = _ignore,
    traced: Callable[[str], None] | None = None,
) -> Playback:
    """Boot `image` and play `samples` (int16, 16 kHz). Deterministic.

    `said` gets each line as it comes, `moved` the share of the sound that was played, `traced` a line for
    each function that the firmware enters. Ends when the sound has been heard; raises SimulatorError when the
    firmware does not listen.
    """
    result = Playback()
    with SimulatedBoard(image, warn=warn) as board, Trace(board) if traced else nullcontext() as trace:
        board.play(samples)
        lines = _Lines(result.lines, said)
        length = max(1, len(samples))
        deaf_since = 0.0
        while waiting := board.microphone.waiting:
            lines.feed(board.run(_SLICE))
            if board.microphone.waiting < waiting:
                deaf_since = board.time
            elif board.time - deaf_since > _DEAF:
                raise SimulatorError(
                    "the firmware does not listen to its microphone",
                    "its last lines say why, or --trace FILE",
                )
            moved(1 - board.microphone.waiting / length)
            if trace and traced:
                for line in trace.lines():
                    traced(line)
        lines.feed(board.run(_LAST_WORDS))
        result.seconds, result.instructions, result.asleep = board.time, board.instructions, board.asleep
        board.write(b"stats\n")
        result.stats = _answer(board.run(_LAST_WORDS))
    return result


def play_in_renode(image: Path, samples: Samples, said: Callable[[str], None] = _ignore) -> Playback:
    """The same in Renode, which must be installed; only the lines and the seconds are known of it."""
    from earkit.simulator.renode import RenodeBoard

    result = Playback()
    with RenodeBoard(image) as board:
        board.play(samples)
        lines = _Lines(result.lines, said)
        end = len(samples) / _SAMPLE_RATE + _RENODE_LAST_WORDS
        while board.time < end:
            lines.feed(board.run(min(_RENODE_SLICE, end - board.time)))
        result.seconds = board.time
    return result


class _Lines:
    """Cuts a stream of bytes into lines."""

    def __init__(self, lines: list[str], said: Callable[[str], None]) -> None:
        self._lines = lines
        self._said = said
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\n")
        for raw in whole:
            line = raw.decode(errors="replace").rstrip("\r")
            self._lines.append(line)
            self._said(line)


def _answer(serial: bytes) -> dict[str, Any]:
    for line in serial.decode(errors="replace").splitlines():
        if line.startswith("{") and '"inferences"' in line:
            found: dict[str, Any] = json.loads(line)
            return found
    return {}
