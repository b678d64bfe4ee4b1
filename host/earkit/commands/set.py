"""earkit set: change what a running board hears by."""

import click

from earkit.commands._terminal import console
from earkit.device.ports import choose_board, open_port
from earkit.device.session import Session
from earkit.device.usb import find_boards
from earkit.errors import EarkitError
from earkit.monitor.reports import safe
from earkit.monitor.watch import read_settings


@click.command(name="set")
@click.argument("assignments", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--port", help="The board's port; without it the board that is plugged in is found.")
def command(assignments: tuple[str, ...], port: str | None) -> None:
    """Change settings of a running board, and keep them over a reset where the board can.

    `threshold.yes=0.85` (or 217, of 255) makes it surer of a word, `threshold` sets all words; `suppression`
    and `average` are milliseconds, `minimum_count` results. Without NAME=VALUE it shows them.
    """
    wishes = [parse(text) for text in assignments]
    with Session(open_port(port or choose_board(find_boards()))) as session:
        if not wishes:
            show(read_settings(session, session.board))
            return
        for name, value in wishes:
            session.set(name, value)
        kept = "kept over a reset" if session.save() else "until the next reset: this board keeps none"
    said = ", ".join(f"{name} is {as_text(name, value)}" for name, value in wishes)
    console.print(f"{said}; {kept}", markup=False)


def parse(text: str) -> tuple[str, int]:
    """`NAME=VALUE`; a threshold may be a fraction of 1, `0.85`, instead of 0 to 255."""
    name, found, value = text.rpartition("=")
    if not found or not name or not name.isprintable():
        raise EarkitError(f"{text} is not NAME=VALUE", "such as threshold.yes=0.85")
    if value.isascii() and value.isdecimal():
        return name, int(value)
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if name.partition(".")[0] != "threshold" or "." not in value or not 0 <= share <= 1:
        raise EarkitError(
            f"{value} is no value for {name}", "give a whole number, or 0.0 to 1.0 for a threshold"
        )
    return name, round(share * 255)


def as_text(name: str, value: int) -> str:
    return f"{value} ({value / 255:.2f})" if name.startswith("threshold") else str(value)


def show(settings: dict[str, int]) -> None:
    for name, value in settings.items():
        console.print(f"{safe(name)}={as_text(name, value)}", markup=False)
