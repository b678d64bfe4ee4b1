"""How subcommands draw on the terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from earkit.progress import Progress as Report

console = Console(highlight=False, soft_wrap=True)
aside = Console(highlight=False, soft_wrap=True, stderr=True)
"""For progress and notes where a program reads the answer."""
_SECONDS = 60


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
