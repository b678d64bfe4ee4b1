"""How subcommands draw on the terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from earshot.progress import Progress as Report

console = Console(highlight=False, soft_wrap=True)


@contextmanager
def progress_bars() -> Iterator[Report]:
    """A Progress: a bar for each stage on a terminal, elsewhere a line for each when it is done."""
    if not console.is_terminal:
        yield _say_when_done
        return
    columns = (TextColumn("  {task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, int] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = int(bars.add_task(stage, total=total))
            bars.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield report


def _say_when_done(stage: str, done: int, total: int) -> None:
    if done >= total:
        console.print(f"  {stage}: done", markup=False)
