"""earkit listen: what `earkit monitor` does, on this computer's own microphone or on recordings."""

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import click
import numpy as np

from earkit.audio import clips
from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.audio.microphone import listening
from earkit.commands._watching import Outputs, outputs, run
from earkit.commands.simulate import arrange
from earkit.monitor.ear import Ear, blocks_of
from earkit.monitor.reports import HOP, Identity, Report
from earkit.spotter.model import DEFAULT_MODEL, find_model, load, settings_of

NAME = "ear"
WAIT_SECONDS = 0.1
WAITING_BLOCKS = 500
"""Sound of the microphone that waits at most; an overloaded computer loses the oldest."""


@click.command()
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="A .tflite file or a shipped model.")
@click.option(
    "--wav",
    "wavs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Hear this file instead; may be repeated.",
)
@outputs
def command(chosen: Outputs, model: str, wavs: tuple[Path, ...]) -> None:
    """Hear words by this computer's microphone, with the board's own front end, model and recogniser."""
    ear = make_ear(model)
    samples = arrange([clips.read(path).samples for path in wavs]) if wavs else None

    def source(stop: threading.Event) -> Iterator[Report]:
        pieces = microphone(stop) if samples is None else play(samples, stop)
        return ear.hear(blocks_of(pieces), stop)

    def set_(_board: str, name: str, value: int, _keep: bool) -> None:
        ear.set(name, value)

    run(chosen, {NAME: source}, set_)


def make_ear(model: str) -> Ear:
    """An ear with MODEL, a .tflite or a shipped one."""
    path = find_model(model)
    settings, digest = settings_of(path), hashlib.sha256(path.read_bytes()).hexdigest()
    identity = Identity(NAME, "this computer", path.stem, digest, "compiled", "", settings.labels)
    return Ear(NAME, load(path), settings, identity)


def play(samples: Samples, stop: threading.Event) -> Iterator[Samples]:
    """The sound in blocks, each when it is due."""
    began = time.monotonic()
    for start in range(0, len(samples), HOP):
        ahead = began + start / SAMPLE_RATE - time.monotonic()
        if ahead > 0 and stop.wait(ahead):
            return
        yield samples[start : start + HOP]


def microphone(stop: threading.Event) -> Iterator[Samples]:
    """What the microphone hears, in pieces; an empty one now and then."""
    queue: Queue[Samples] = Queue(WAITING_BLOCKS)

    def heard(block: Samples) -> None:
        if queue.full():
            queue.get()
        queue.put(block)

    with listening(heard):
        while not stop.is_set():
            try:
                yield queue.get(timeout=WAIT_SECONDS)
            except Empty:
                yield np.empty(0, np.int16)
