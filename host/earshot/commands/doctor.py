"""earshot doctor"""

import json

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from earshot.errors import EarshotError
from earshot.toolchain import doctor


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def command(as_json: bool) -> None:
    """Show what is installed, what is missing, and the line that mends it.

    Exit status 1 when something that the main job needs is missing.
    """
    checks = doctor.checks()
    if as_json:
        click.echo(json.dumps([vars(check) for check in checks], indent=2))
    else:
        show(checks)
    missing = [check.name for check in checks if check.is_needed and not check.found]
    if missing:
        raise EarshotError(
            f"missing: {', '.join(missing)}", "the table says how to get it" if not as_json else ""
        )


def show(checks: list[doctor.Check]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "for", "found, or what to do"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        mark = "[green]ok[/]" if check.found else "[red]missing[/]" if check.is_needed else "[dim]without[/]"
        table.add_row(mark, check.name, check.what_for, escape(check.found or check.mend))
    Console().print(table)
