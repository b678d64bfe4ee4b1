"""earkit doctor"""

import hashlib
import json

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from earkit import __version__
from earkit.device.answers import Hello
from earkit.device.ports import open_port
from earkit.device.session import Session
from earkit.device.usb import find_boards
from earkit.errors import EarkitError, LinkError
from earkit.spotter.model import DEFAULT_MODEL, find_model
from earkit.toolchain import board_doctor, doctor
from earkit.toolchain.doctor import Check


@click.command(name="doctor")
@click.option("--board", "is_board", is_flag=True, help="Look at the board on the USB cable instead.")
@click.option("--port", help="With --board: ask the board at this port, a pyserial URL too.")
@click.option(
    "--model", default=DEFAULT_MODEL, show_default=True, help="With --board: the model it should run."
)
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def command(is_board: bool, port: str | None, model: str, as_json: bool) -> None:
    """Show what is installed, what is missing, and the line that mends it.

    Exit status 1 when something that the main job needs is missing.
    """
    checks = look_at_board(port, model) if is_board or port else doctor.checks()
    if as_json:
        click.echo(json.dumps([vars(check) for check in checks], indent=2))
    else:
        show(checks)
    missing = [check.name for check in checks if check.is_needed and not check.found]
    if missing:
        raise EarkitError(
            f"missing: {', '.join(missing)}", "the table says how to get it" if not as_json else ""
        )


def look_at_board(port: str | None, model: str) -> list[Check]:
    """The way to the board, then who answers there."""
    boards = [] if port else find_boards()
    checks = [] if port else board_doctor.board_checks(boards)
    device = port or next((board.device for board in boards if not board.is_bootloader), None)
    if device is None:
        return checks
    try:
        with Session(open_port(device)) as session:
            return [*checks, *firmware_checks(session.board, model)]
    except LinkError as error:
        return [*checks, Check("firmware", "everything", True, "", f"{error.message}; run: earkit flash")]


def firmware_checks(board: Hello, model: str) -> list[Check]:
    """Whether the board's firmware and model are this computer's."""
    wanted = hashlib.sha256(find_model(model).read_bytes()).hexdigest()
    is_same = board.firmware == __version__
    other = f"the board has {board.firmware}, this is {__version__}; run: earkit flash"
    mend = f"the board has another file, called {board.model}; run: earkit flash --model {model}"
    return [
        Check("firmware", "everything", True, f"{board.firmware}, {board.engine} engine", ""),
        Check("firmware's version", "what is new", False, board.firmware if is_same else "", other),
        Check("model", f"being {model}", False, board.model if board.sha256 == wanted else "", mend),
    ]


def show(checks: list[Check]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "for", "found, or what to do"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        mark = "[green]ok[/]" if check.found else "[red]missing[/]" if check.is_needed else "[dim]without[/]"
        table.add_row(mark, check.name, check.what_for, escape(check.found or check.mend))
    Console().print(table)
