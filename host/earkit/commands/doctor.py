"""earkit doctor"""

import hashlib
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from earkit import __version__
from earkit.commands._grammar import json_option, model_argument, port_option, subcommand
from earkit.commands._terminal import print_json
from earkit.device.session import Hello, Session
from earkit.errors import EarkitError, LinkError
from earkit.spotter.image import build_image
from earkit.spotter.serial import open_board
from earkit.toolchain import board_doctor, doctor, flash
from earkit.toolchain.doctor import Check


@subcommand("doctor", "earkit doctor", "earkit doctor my.tflite --board")
@model_argument()
@click.option("--board", "is_board", is_flag=True, help="Look at the board on the USB cable instead.")
@port_option("Look at the board at this port instead.")
@json_option
def command(model: Path, is_board: bool, port: str | None, as_json: bool) -> None:
    """Show what is installed, what is missing, and what to do.

    With --board or --port it looks at the way to a board, and whether that runs this version with MODEL. Exit
    status 1 when something that the main job needs is missing.
    """
    checks = look_at_board(port, model) if is_board or port else doctor.checks()
    if as_json:
        print_json({"checks": [vars(check) for check in checks]})
    else:
        show(checks)
    missing = [check.name for check in checks if check.is_needed and not check.found]
    if missing:
        raise EarkitError(
            f"missing: {', '.join(missing)}", "the table says how to get it" if not as_json else ""
        )


def look_at_board(port: str | None, model: Path) -> list[Check]:
    """The way to the board, then who answers there."""
    boards = [] if port else flash.usb_ports()
    checks = [] if port else board_doctor.board_checks(boards)
    device = port or next((board.device for board in boards if not board.is_bootloader), None)
    if device is None:
        return checks
    try:
        with Session(open_board(device, lambda: build_image(model))) as session:
            return [*checks, *firmware_checks(session.board, model)]
    except LinkError as error:
        return [*checks, Check("firmware", "everything", True, "", f"{error.message}; run: earkit flash")]


def firmware_checks(board: Hello, model: Path) -> list[Check]:
    """Whether the board's firmware and model are this computer's."""
    wanted = hashlib.sha256(model.read_bytes()).hexdigest()
    is_same = board.firmware == __version__
    other = f"the board has {board.firmware}, this is {__version__}; run: earkit flash"
    mend = f"the board has another file, called {board.model}; run: earkit flash {model}"
    return [
        Check("firmware", "everything", True, f"{board.firmware}, {board.engine} engine", ""),
        Check("firmware's version", "what is new", False, board.firmware if is_same else "", other),
        Check("model", f"being {model.stem}", False, board.model if board.sha256 == wanted else "", mend),
    ]


def show(checks: list[Check]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "for", "found, or what to do"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        mark = "[green]ok[/]" if check.found else "[red]missing[/]" if check.is_needed else "[dim]without[/]"
        table.add_row(mark, check.name, check.what_for, escape(check.found or check.mend))
    Console().print(table)
