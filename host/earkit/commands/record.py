"""earkit record: own training data through the board's own microphone."""

import getpass
import hashlib
import platform
import time
from collections.abc import Iterator
from pathlib import Path

import click
from click.core import ParameterSource
from rich.console import Console
from rich.text import Text

from earkit.audio import microphone
from earkit.commands._grammar import BOARD_PORT, as_usage, json_option, out_option, subcommand
from earkit.commands._terminal import notes, print_json
from earkit.device.ports import choose_board
from earkit.device.usb import find_boards
from earkit.errors import EarkitError
from earkit.monitor import recording
from earkit.monitor.gather import Gather, Source
from earkit.monitor.recording import Shelf
from earkit.monitor.reports import Audio, Connected, Note, Report
from earkit.monitor.sources import board_source, line_of, sound_source
from earkit.spotter.serial import SIMULATED

TRIES_IN_A_ROW = 5
"""After as many clips in a row that cannot be used something is wrong."""


def _speaker() -> str:
    """Eight hexadecimal digits, as in Speech Commands: the same for a person and a computer."""
    return hashlib.sha1(f"{getpass.getuser()}@{platform.node()}".encode()).hexdigest()[:8]


@subcommand(
    "record",
    "earkit record --word yes --count 50",
    "earkit record --word yes --mic --out recordings",
)
@click.option("--word", required=True, help="What will be said.")
@click.option("--count", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Clips wanted.")
@BOARD_PORT
@click.option("--mic", is_flag=True, help="Record from this computer's microphone instead.")
@out_option("The data set.", "recordings")
@click.option("--speaker", default=_speaker, show_default="from user and computer", help="Who speaks.")
@click.option(
    "--countdown", default=2, show_default=True, type=click.IntRange(0, 10), help="Seconds before each."
)
@json_option
def command(
    word: str, count: int, port: str | None, mic: bool, out: Path, speaker: str, countdown: int, as_json: bool
) -> None:
    """Record clips of one word as training data.

    They lie as OUT/WORD/SPEAKER_nohash_N.wav. Each clip is judged at once, and repeated when it is clipped,
    silent, late or has lost sound. Ctrl-C keeps what is there; the same command goes on from it.
    """
    if mic and click.get_current_context().get_parameter_source("port") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--mic and --port: one of them")
    with as_usage():
        shelf = Shelf(out, word, speaker)
    said = notes(as_json)
    there = len(shelf.numbers())
    if there:
        said.print(f"{there} clips of {speaker} are there already", markup=False)
    with Gather({"record": _microphone() if mic else _board(port)}) as gather:
        reports = gather.reports()
        _wait_for_sound(reports)
        for number in range(there + 1, count + 1):
            _record_one(reports, shelf, f"{word}, {number} of {count}", countdown, said)
    if as_json:
        print_json({"word": word, "clips": max(count, there), "folder": str(shelf.folder)})
    else:
        said.print(f"{max(count, there)} clips in {shelf.folder}", markup=False)


def _board(port: str | None) -> Source:
    if port == SIMULATED:
        raise click.UsageError("nobody can speak to a simulated board; record by --mic")
    where = port or choose_board(find_boards(), "plug one in, name its --port, or record by --mic")
    return board_source(line_of("board", where, ("audio",)))


def _microphone() -> Source:
    return sound_source("microphone", microphone.pieces)


def _wait_for_sound(reports: Iterator[Report | None]) -> None:
    """Until the first sound; says why when it will not come."""
    for report in reports:
        if isinstance(report, Connected) and "audio" not in report.streams:
            note = next((x for x in reports if isinstance(x, Note)), None)
            raise EarkitError(note.text if note else "the board sends no audio", "is the line fast enough?")
        if isinstance(report, Audio):
            return
    raise EarkitError("no sound comes", "is the microphone on?")


def _record_one(
    reports: Iterator[Report | None], shelf: Shelf, title: str, countdown: int, said: Console
) -> None:
    """Until a clip can be used."""
    for _ in range(TRIES_IN_A_ROW):
        _count_down(reports, title, countdown, said)
        take = recording.judge(*recording.listen(reports))
        shown = Text.assemble("  ", (take.picture, "red" if take.problem else "green"))
        said.print(shown.append(f"  {take.peak_db:.0f} dB  {take.problem or 'good'}"))
        if not take.problem:
            shelf.put(take.clip)
            return
    raise EarkitError(
        f"{TRIES_IN_A_ROW} clips in a row could not be used",
        "check the microphone, then start again: it goes on",
    )


def _count_down(reports: Iterator[Report | None], title: str, seconds: int, said: Console) -> None:
    for left in range(seconds, 0, -1):
        said.print(f"{title}: {left} …", markup=False)
        _let_pass(reports, 1.0)
    said.print(f"{title}: say it now", markup=False)


def _let_pass(reports: Iterator[Report | None], seconds: float) -> None:
    """What is heard meanwhile is not recorded."""
    end = time.monotonic() + seconds
    for _ in reports:
        if time.monotonic() >= end:
            return
