"""How subcommands draw on the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from earshot.progress import Progress as Report

console = Console(highlight=False, soft_wrap=True)
aside = Console(highlight=False, soft_wrap=True, stderr=True)
"""For progress and notes where a program reads the answer."""


@contextmanager
def progress_bars(to: Console = console) -> Iterator[Report]:
    """A Progress: a bar for each stage on a terminal, elsewhere a line for each when it is done."""
    if not to.is_terminal:
        yield partial(_say_when_done, to)
        return
    columns = (TextColumn("  {task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=to) as bars:
        tasks: dict[str, int] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = int(bars.add_task(stage, total=total))
            bars.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield report


def _say_when_done(to: Console, stage: str, done: int, total: int) -> None:
    if done >= total:
        to.print(f"  {stage}: done", markup=False)
