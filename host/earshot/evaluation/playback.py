"""Sound into the simulated board's microphone, and what it said and spent."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from earshot.evaluation.listening import SAMPLE_RATE, Heard, Samples
from earshot.simulator.board import SimulatedBoard

HEARD = re.compile(r"Heard (\S+) \((\d+)\) @(\d+)ms")
_SLICE = 0.1
_LAST_WORDS = 0.5
"""Seconds after the sound in which a detection may still come."""


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
        matches = map(HEARD.fullmatch, self.lines)
        return [Heard(match[1], int(match[2]), int(match[3])) for match in matches if match]


def play(
    image: Path,
    samples: Samples,
    said: Callable[[str], None] = _ignore,
    warn: Callable[[str], None] = _ignore,
    moved: Callable[[float], None] = _ignore,
) -> Playback:
    """Boot `image` and play `samples` (int16, 16 kHz); `said` gets each line as it comes, `moved` the share
    of the sound that was played. Ends when the sound has been heard. Deterministic."""
    result = Playback()
    with SimulatedBoard(image, warn=warn) as board:
        board.play(samples)
        lines = _Lines(result.lines, said)
        length = max(1, len(samples))
        while board.microphone.waiting:
            lines.feed(board.run(_SLICE))
            moved(1 - board.microphone.waiting / length)
        lines.feed(board.run(_LAST_WORDS))
        result.seconds, result.instructions, result.asleep = board.time, board.instructions, board.asleep
        board.write(b"stats\n")
        result.stats = _answer(board.run(_LAST_WORDS))
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


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.int16)
