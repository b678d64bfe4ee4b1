"""earkit log: what a monitor wrote down."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, astuple, fields
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from earkit.commands._grammar import FILE, NEW_FILE, plot_option, subcommand
from earkit.commands._terminal import console, print_json
from earkit.figure import figure
from earkit.files import replacing
from earkit.monitor import log
from earkit.monitor.log import Row
from earkit.monitor.reports import safe

LAST = 20


@subcommand("log", "earkit log heard.sqlite", "earkit log heard.sqlite --word yes --plot hours.png")
@click.argument("file", type=FILE)
@click.option("--word", help="Only this word.")
@click.option("--csv", "csv_file", type=NEW_FILE, help="Write all of it as CSV.")
@plot_option("Draw the hours, as a .png, .svg or .pdf.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per detection.")
def command(file: Path, word: str | None, csv_file: Path | None, plot: Path | None, as_json: bool) -> None:
    """Show what a monitor wrote down: the last words, and per hour.

    FILE is what `earkit monitor --log FILE` wrote.
    """
    rows = [row for row in log.read(file) if word in (None, row.label)]
    if as_json:
        for row in rows:
            print_json(as_dict(row))
        return
    if csv_file:
        write_csv(csv_file, rows)
        console.print(f"{len(rows)} detections in {csv_file}", markup=False)
    if plot:
        draw(plot, rows)
        console.print(f"drawn in {plot}", markup=False)
    if csv_file or plot:
        return
    if not rows:
        console.print("nothing was heard")
        return
    console.print(last_table(rows[-LAST:]))
    console.print(hours_table(rows))


def as_dict(row: Row) -> dict[str, object]:
    """As `earkit monitor --json` prints it."""
    found = asdict(row)
    return {"event": "heard", "board": found.pop("name"), "seq": found.pop("sequence"), **found}


def last_table(rows: Iterable[Row]) -> Table:
    table = Table(title="the last detections", title_justify="left", box=None)
    for heading in ("time", "board", "word"):
        table.add_column(heading)
    for heading in ("score", "latency ms"):
        table.add_column(heading, justify="right")
    for row in rows:
        late = "" if row.latency_ms is None else f"{row.latency_ms:.0f}"
        texts = (f"{row.when:%Y-%m-%d %H:%M:%S}", row.name, row.label)
        table.add_row(*(Text(safe(text)) for text in texts), str(row.score), late)
    return table


def hours_table(rows: list[Row]) -> Table:
    words = sorted({row.label for row in rows})
    table = Table(title="per hour", title_justify="left", box=None)
    table.add_column("hour")
    for word in words:
        table.add_column(Text(safe(word)), justify="right")
    for hour, counts in log.per_hour(rows).items():
        table.add_row(hour, *(str(counts.get(word, 0)) for word in words))
    return table


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(Row))
        for row in rows:
            writer.writerow(_harmless(value) for value in astuple(row))


def _harmless(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


def draw(path: Path, rows: list[Row]) -> None:
    """Bars per hour, the words on top of each other."""
    hours = log.per_hour(rows)
    with figure(path, (max(6, 0.4 * len(hours)), 3.5)) as drawn:
        axes = drawn.subplots()
        base = [0] * len(hours)
        for word in sorted({row.label for row in rows}):
            counts = [hour.get(word, 0) for hour in hours.values()]
            axes.bar(list(hours), counts, bottom=base, label=safe(word).replace("$", r"\$"))
            base = [low + count for low, count in zip(base, counts, strict=True)]
        axes.set_ylabel("heard")
        axes.tick_params(axis="x", rotation=60)
        if rows:
            axes.legend()
