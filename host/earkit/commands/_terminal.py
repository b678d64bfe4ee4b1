"""How subcommands draw on the terminal."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from earkit.audio.dataset import Dataset
from earkit.progress import Progress as Report
from earkit.spotter.heard import Heard

console = Console(highlight=False, soft_wrap=True)
aside = Console(highlight=False, soft_wrap=True, stderr=True)
"""For progress and notes where a program reads the answer."""
_SECONDS = 60


def notes(as_json: bool) -> Console:
    """Where progress and notes go."""
    return aside if as_json else console


def print_json(value: object) -> None:
    """Print one JSON object on one line; docs/commands.md says what its keys mean."""
    print(json.dumps(value, default=str), flush=True)


def detection(found: Heard, board: str) -> dict[str, Any]:
    """A detection in JSON, as every command has it."""
    return {**asdict(found), "board": board}


def print_notes(clips: Dataset, to: Console = console) -> None:
    """What a person should know about their data."""
    print_skipped(clips.skipped, to)
    if clips.nameless:
        to.print(
            f"  {clips.nameless} files are not named SPEAKER_nohash_NUMBER: each counts as a speaker of its "
            "own, and one voice may be in training and among those that judge"
        )


def print_skipped(lines: Sequence[str], to: Console = console) -> None:
    """Name the files that cannot be used, and count them."""
    for line in lines:
        to.print(f"  skipped: {line}", markup=False)
    if lines:
        to.print(f"  {len(lines)} files skipped")


@contextmanager
def progress_bars(to: Console = console) -> Iterator[Report]:
    """A Progress: a bar for each stage on a terminal, elsewhere a line for each when it is done, and one a
    minute until then."""
    if not to.is_terminal:
        yield _Lines(to)
        return
    columns = (
        TextColumn("  {task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=to) as bars:
        tasks: dict[str, int] = {}

        def report(stage: str, done: int, total: int, note: str = "") -> None:
            if stage not in tasks:
                tasks[stage] = int(bars.add_task(stage, total=total, note=note))
            bars.update(tasks[stage], completed=done, total=total, note=note)  # type: ignore[arg-type]

        yield report


class _Lines:
    def __init__(self, to: Console) -> None:
        self._to, self._said = to, time.monotonic()

    def __call__(self, stage: str, done: int, total: int, note: str = "") -> None:
        if done < total and time.monotonic() < self._said + _SECONDS:
            return
        self._said = time.monotonic()
        so_far = "done" if done >= total else f"{done} of {total}"
        self._to.print(f"  {stage}: {so_far}{', ' if note else ''}{note}", markup=False)
