"""earkit lesson: the ladder, from a guessed line to a model that hears a word."""

import importlib

import click
from rich.console import Console
from rich.table import Table

from earkit.commands._grammar import Subcommand

LESSONS = ("guess", "descent", "neuron", "network", "overfit", "sound", "filters", "pretrained")
"""In the order of the ladder; each is a file in commands/_lesson/ with a click command `command`."""


class Lessons(Subcommand, click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(LESSONS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        return load(cmd_name) if cmd_name in LESSONS else None


def load(name: str) -> click.Command:
    lesson: click.Command = importlib.import_module(f"earkit.commands._lesson.{name}").command
    return lesson


@click.command(
    name="lesson", cls=Lessons, invoke_without_command=True,
    examples=("earkit lesson", "earkit lesson guess --plot guess.png"),
)  # fmt: skip
@click.pass_context
def command(context: click.Context) -> None:
    """Learn how machines learn, step by step."""
    if context.invoked_subcommand:
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for number, name in enumerate(LESSONS, start=1):
        table.add_row(str(number), f"[bold]{name}", load(name).get_short_help_str(100))
    console = Console(highlight=False)
    console.print(table)
    console.print("\nearkit lesson NAME runs one; --help after it shows what can be changed", markup=False)
