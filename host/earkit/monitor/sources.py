"""Boards at their ports, and this computer's own ear, as sources of reports."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from earkit.core.frontend import Samples
from earkit.device.ports import Port, choose_board, open_port, serial_of
from earkit.device.usb import find_boards
from earkit.monitor.ear import Ear, blocks_of
from earkit.monitor.gather import Source
from earkit.monitor.reports import HOP, SAMPLE_RATE, Audio, Identity, Report
from earkit.monitor.watch import Line, watch
from earkit.spotter.model import load, settings_of

EAR = "ear"
"""The name of this computer's own ear."""

HINT = "plug one in, name its port, or try the simulated one: sim"


def line_of(name: str, port: str, streams: tuple[str, ...]) -> Line:
    """The board at `port`, or the one that is plugged in where that is empty, under this name."""
    found = port

    def connect() -> Port:
        nonlocal found
        found = port or choose_board(find_boards(), HINT)
        return open_port(found)

    return Line(name, connect, streams, lambda: serial_of(found))


def board_source(line: Line) -> Source:
    def source(stop: threading.Event) -> Iterator[Report]:
        line.stop = stop
        return watch(line)

    return source


def make_ear(model: Path) -> Ear:
    """An ear with the model of a .tflite."""
    settings, digest = settings_of(model), hashlib.sha256(model.read_bytes()).hexdigest()
    identity = Identity(EAR, "this computer", model.stem, digest, "compiled", "", settings.labels)
    return Ear(EAR, load(model), settings, identity)


Pieces = Callable[[threading.Event], Iterable[Samples]]
"""Sound in pieces of any length as it comes, until the event is set; an empty one now and then."""


def ear_source(ear: Ear, pieces: Pieces) -> Source:
    return lambda stop: ear.hear(blocks_of(pieces(stop)), stop)


def in_real_time(samples: Samples, stop: threading.Event) -> Iterator[Samples]:
    """The sound in pieces, each when it is due."""
    began = time.monotonic()
    for start in range(0, len(samples), HOP):
        ahead = began + start / SAMPLE_RATE - time.monotonic()
        if ahead > 0 and stop.wait(ahead):
            return
        yield samples[start : start + HOP]


def sound_source(name: str, pieces: Pieces) -> Source:
    """The sound alone, under this name."""

    def source(stop: threading.Event) -> Iterator[Report]:
        blocks = (block for block in blocks_of(pieces(stop)) if len(block))
        return (Audio(name, hop, block) for hop, block in enumerate(blocks))

    return source
