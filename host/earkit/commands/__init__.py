"""The command line: one file per subcommand, found by its name and imported when it is called."""

import errno
import importlib
import os
import pkgutil
import sys

import click

from earkit import __version__
from earkit.commands import _defaults
from earkit.errors import EarkitError

OUTSIDE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
"""No room or no permission, wherever it strikes, is no defect of Earkit."""


class Subcommands(click.Group):
    """Finds `earkit NAME` in `earkit/commands/NAME.py`, which holds a click command `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{cmd_name}").command
        return command


@click.command(cls=Subcommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="earkit")
@click.pass_context
def cli(context: click.Context) -> None:
    """From a first trained model to a microcontroller that hears a word."""
    found = _defaults.read()
    context.default_map, context.obj = found.by_command, found.files


def main() -> None:
    """Run the command line, and exit with the status that docs/commands.md lists."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    try:
        sys.exit(cli.main(prog_name="earkit", standalone_mode=False))
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        print(f"earkit: {in_one_line(error)}", file=sys.stderr)
        sys.exit(error.exit_code)
    except EarkitError as error:
        sys.exit(f"earkit: {error}")
    except (KeyboardInterrupt, click.Abort):
        print("earkit: stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
    except OSError as error:
        if error.errno not in OUTSIDE:
            raise
        where = f" ({error.filename})" if error.filename else ""
        sys.exit(f"earkit: {error.strerror}{where}; free some room or choose another place")


def in_one_line(error: click.ClickException) -> str:
    """What was typed wrongly, and where to read how it is right."""
    text = " ".join(error.format_message().split()).rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{text}; see: {context.command_path} --help" if context else text
