"""earkit set: change what a running board hears by."""

import click

from earkit.commands._defaults import number_of, threshold
from earkit.commands._grammar import BOARD_PORT, default_model, json_option, subcommand
from earkit.commands._terminal import console, print_json
from earkit.device.ports import choose_board
from earkit.device.session import Session
from earkit.device.usb import find_boards
from earkit.monitor.reports import safe
from earkit.monitor.watch import read_settings
from earkit.spotter.image import build_image
from earkit.spotter.serial import SIMULATED, open_board

HINT = "plug one in, or name its --port"


@subcommand("set", "earkit set", "earkit set threshold.yes=0.85 --port /dev/ttyACM0")
@click.argument("assignments", nargs=-1, metavar="[NAME=VALUE]...")
@BOARD_PORT
@json_option
@click.pass_context
def command(context: click.Context, assignments: tuple[str, ...], port: str | None, as_json: bool) -> None:
    """Change settings of a running board, or show them.

    `threshold.yes=0.85` (or 217, of 255) makes it surer of a word, `threshold` sets all words; `suppression`
    and `average` are milliseconds, `minimum_count` results. The board keeps them over a reset where it can.
    Without NAME=VALUE it shows them.
    """
    wishes = [parse(text) for text in assignments]
    if wishes and port == SIMULATED:
        raise click.UsageError(
            "a simulated board forgets its settings when this command ends; start one that stays, "
            "earkit simulate --pty, and name its port"
        )
    where = port or choose_board(find_boards(), HINT)
    with Session(open_board(where, lambda: build_image(default_model(context)))) as session:
        for name, value in wishes:
            session.set(name, value)
        is_kept = bool(wishes) and session.save()
        settings = dict(wishes) if wishes else read_settings(session, session.board)
    if as_json:
        print_json({"board": where, "settings": settings, "kept": is_kept})
    elif wishes:
        kept = "kept over a reset" if is_kept else "until the next reset: this board keeps none"
        said = ", ".join(f"{name} is {as_text(name, value)}" for name, value in wishes)
        console.print(f"{said}; {kept}", markup=False)
    else:
        show(settings)


def parse(text: str) -> tuple[str, int]:
    """`NAME=VALUE`; a threshold may be a fraction of 1, `0.85`, instead of 0 to 255."""
    name, found, value = text.rpartition("=")
    if not found or not name or not name.isprintable():
        raise click.UsageError(f"{text} is not NAME=VALUE, such as threshold.yes=0.85")
    number = number_of(value)
    if isinstance(number, int):
        return name, number
    if name.partition(".")[0] != "threshold":
        raise click.UsageError(f"{value} is no value for {name}; give a whole number")
    return name, threshold(number, name)


def as_text(name: str, value: int) -> str:
    return f"{value} ({value / 255:.2f})" if name.startswith("threshold") else str(value)


def show(settings: dict[str, int]) -> None:
    for name, value in settings.items():
        console.print(f"{safe(name)}={as_text(name, value)}", markup=False)
