"""earkit record: own training data through the board's own microphone."""

import getpass
import hashlib
import platform
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.text import Text

from earkit.commands._terminal import console
from earkit.commands.listen import microphone
from earkit.commands.monitor import line_of, source_of
from earkit.errors import EarkitError
from earkit.monitor import recording
from earkit.monitor.ear import blocks_of
from earkit.monitor.gather import Gather, Source
from earkit.monitor.recording import Shelf
from earkit.monitor.reports import Audio, Connected, Note, Report

TRIES_IN_A_ROW = 5
"""After as many clips in a row that cannot be used something is wrong."""


def _speaker() -> str:
    """Eight hexadecimal digits, as in Speech Commands: the same for a person and a computer."""
    return hashlib.sha1(f"{getpass.getuser()}@{platform.node()}".encode()).hexdigest()[:8]


@click.command()
@click.option("--word", required=True, help="What will be said.")
@click.option("--count", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Clips wanted.")
@click.option("--port", help="The board's port; without it the board that is plugged in is found.")
@click.option("--mic", is_flag=True, help="Record from this computer's microphone instead.")
@click.option(
    "--out",
    default=Path("recordings"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="The data set.",
)
@click.option("--speaker", default=_speaker, show_default="from user and computer", help="Who speaks.")
@click.option(
    "--countdown", default=2, show_default=True, type=click.IntRange(0, 10), help="Seconds before each."
)
def command(
    word: str, count: int, port: str | None, mic: bool, out: Path, speaker: str, countdown: int
) -> None:
    """Record COUNT clips of one word as training data: OUT/WORD/SPEAKER_nohash_N.wav.

    Each clip is judged at once, and repeated when it is clipped, silent, late or has lost sound. Ctrl-C keeps
    what is there; the same command goes on from it.
    """
    if mic and port:
        raise click.UsageError("--mic and --port: one of them")
    shelf = Shelf(out, word, speaker)
    there = len(shelf.numbers())
    if there:
        console.print(f"{there} clips of {speaker} are there already", markup=False)
    with Gather({"record": _microphone if mic else _board(port)}) as gather:
        reports = gather.reports()
        _wait_for_sound(reports)
        for number in range(there + 1, count + 1):
            _record_one(reports, shelf, f"{word}, {number} of {count}", countdown)
    console.print(f"{max(count, there)} clips in {shelf.folder}", markup=False)


def _board(port: str | None) -> Source:
    return source_of(line_of("board", port or "", ("audio",)))


def _microphone(stop: threading.Event) -> Iterator[Report]:
    blocks = (block for block in blocks_of(microphone(stop)) if len(block))
    return (Audio("microphone", hop, block) for hop, block in enumerate(blocks))


def _wait_for_sound(reports: Iterator[Report | None]) -> None:
    """Until the first sound; says why when it will not come."""
    for report in reports:
        if isinstance(report, Connected) and "audio" not in report.streams:
            note = next((x for x in reports if isinstance(x, Note)), None)
            raise EarkitError(note.text if note else "the board sends no audio", "is the line fast enough?")
        if isinstance(report, Audio):
            return
    raise EarkitError("no sound comes", "is the microphone on?")


def _record_one(reports: Iterator[Report | None], shelf: Shelf, title: str, countdown: int) -> None:
    """Until a clip can be used."""
    for _ in range(TRIES_IN_A_ROW):
        _count_down(reports, title, countdown)
        take = recording.judge(*recording.listen(reports))
        shown = Text.assemble("  ", (take.picture, "red" if take.problem else "green"))
        console.print(shown.append(f"  {take.peak_db:.0f} dB  {take.problem or 'good'}"))
        if not take.problem:
            shelf.put(take.clip)
            return
    raise EarkitError(
        f"{TRIES_IN_A_ROW} clips in a row could not be used",
        "check the microphone, then start again: it goes on",
    )


def _count_down(reports: Iterator[Report | None], title: str, seconds: int) -> None:
    for left in range(seconds, 0, -1):
        console.print(f"{title}: {left} …", markup=False)
        _let_pass(reports, 1.0)
    console.print(f"{title}: say it now", markup=False)


def _let_pass(reports: Iterator[Report | None], seconds: float) -> None:
    """What is heard meanwhile is not recorded."""
    end = time.monotonic() + seconds
    for _ in reports:
        if time.monotonic() >= end:
            return
