"""Figures that are kept in the repository as CSV, and compared with those of now."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from rich.table import Table

from earkit import files
from earkit.errors import EarkitError


def save(figures: Mapping[str, float], path: Path) -> None:
    """Write them as CSV: figure, value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([("figure", "value"), *figures.items()])
    files.write_text(path, text.getvalue())


def load(path: Path) -> dict[str, float]:
    """What `save` wrote. Raises EarkitError when it is missing or damaged."""
    try:
        with path.open(newline="") as file:
            return {row["figure"]: float(row["value"]) for row in csv.DictReader(file)}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise EarkitError(f"{path} holds no figures: {error}", "write it with --csv") from error


def compare(before: Mapping[str, float], now: Mapping[str, float]) -> tuple[Table, bool]:
    """A table of what was and is, and whether any figure grew: of all that is kept, less is better."""
    table = Table(box=None, pad_edge=False)
    for heading in ("figure", "before", "now", "change"):
        table.add_column(heading, justify="left" if heading == "figure" else "right")
    grew = False
    for name, value in now.items():
        was = before.get(name)
        grew |= was is not None and value > was
        change = "new" if was is None else "" if value == was else f"{(value - was) / max(was, 1e-9):+.1%}"
        table.add_row(name, "" if was is None else f"{was:,g}", f"{value:,g}", change)
    for name in before.keys() - now.keys():
        table.add_row(name, f"{before[name]:,g}", "", "gone")
    return table, grew
