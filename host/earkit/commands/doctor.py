"""earkit doctor"""

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from earkit.commands._grammar import json_option, model_argument, port_option, subcommand
from earkit.commands._terminal import print_json
from earkit.errors import EarkitError
from earkit.spotter.board_checks import look_at_board
from earkit.toolchain import doctor
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


def show(checks: list[Check]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "for", "found, or what to do"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        mark = "[green]ok[/]" if check.found else "[red]missing[/]" if check.is_needed else "[dim]without[/]"
        table.add_row(mark, check.name, check.what_for, escape(check.found or check.mend))
    Console().print(table)
