"""One grammar for every subcommand: how models, sounds, ports and results are named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from earkit import files
from earkit.audio.dataset import ENDINGS
from earkit.device.usb import find_boards
from earkit.errors import EarkitError, ModelError
from earkit.spotter.model import DEFAULT_MODEL, find_model, shipped
from earkit.spotter.serial import SIMULATED

FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)
SCHEMES = ("socket", "rfc2217")
"""Of ports elsewhere. pyserial knows more, one of which writes files."""


class Subcommand(click.Command):
    """A click command that ends its help with examples, which are not wrapped."""

    def __init__(self, *given: Any, examples: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(*given, **options)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"  {example}\n")


def subcommand(name: str, *examples: str) -> Callable[[Callable[..., Any]], Subcommand]:
    """Make a function the subcommand `name`, whose help ends with these lines."""
    return click.command(name=name, cls=Subcommand, examples=examples)


@contextmanager
def as_usage() -> Iterator[None]:
    """What a room refuses in this block was typed wrongly: status 2."""
    try:
        yield
    except EarkitError as error:
        raise click.UsageError(str(error)) from error


class ModelType(click.ParamType[Path]):
    """A .tflite or the name of a model that ships; with `folders` an exported folder too."""

    name = "model"

    def __init__(self, folders: bool = False) -> None:
        self.folders = folders

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        try:
            is_folder = self.folders and files.exists(Path(value)) and Path(value).is_dir()
            return Path(value) if is_folder else find_model(value)
        except ModelError as error:
            _fail(self, str(error), param, ctx)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        names = [CompletionItem(name) for name in shipped() if name.startswith(incomplete)]
        return [*names, CompletionItem(incomplete, type="file")]


class PortType(click.ParamType[str]):
    """A serial port, `sim` or the address of a port elsewhere."""

    name = "port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        scheme, is_address, _ = str(value).partition("://")
        if is_address and scheme not in SCHEMES:
            _fail(self, f"a port is not opened by {scheme}://; use socket://HOST:PORT", param, ctx)
        return str(value)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        names = (SIMULATED, *(board.device for board in find_boards()))
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _fail(
    kind: click.ParamType[Any], why: str, param: click.Parameter | None, ctx: click.Context | None
) -> NoReturn:
    """Refuse a value, naming the file of defaults where that holds it."""
    source = ctx.get_parameter_source(param.name) if ctx and param and param.name else None
    if ctx and source is ParameterSource.DEFAULT_MAP:
        why = f"{why} (from {' or '.join(map(str, ctx.find_root().obj))})"
    kind.fail(why, param, ctx)


MODEL, MODEL_OR_FOLDER, PORT = ModelType(), ModelType(folders=True), PortType()
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
"""To read."""
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
"""To read."""
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
"""To write; a place that cannot be written is told when it is."""
NEW_FOLDER = click.Path(path_type=Path)


def model_argument(*, folders: bool = False) -> Callable[[FC], FC]:
    """[MODEL], the default model where none is given."""
    kind = MODEL_OR_FOLDER if folders else MODEL
    return click.argument("model", type=kind, default=DEFAULT_MODEL)


def needed_model(function: FC) -> FC:
    """MODEL, which must be given."""
    return click.argument("model", type=MODEL)(function)


def optional_model(*, folders: bool = False) -> Callable[[FC], FC]:
    """[MODEL], None where none is given."""
    return click.argument("model", type=MODEL_OR_FOLDER if folders else MODEL, required=False)


@dataclass(frozen=True)
class Given:
    """A model and recordings, which may be given in any order."""

    model: Path
    sounds: tuple[Path, ...]


class _GivenType(ModelType):
    name = "model or sound"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not is_sound(value):
            return super().convert(value, param, ctx)
        if not Path(value).is_file():
            self.fail(f"no recording at {value}", param, ctx)
        return Path(value)


def is_sound(name: str | Path) -> bool:
    """Whether a word on the command line is a recording, by its ending."""
    return Path(name).suffix.lower() in ENDINGS


def model_and_sounds(default: str = DEFAULT_MODEL, *, folders: bool = False) -> Callable[[FC], FC]:
    """[MODEL] [SOUND]...: what ends as a recording does is one, anything else the model."""

    def split(ctx: click.Context, param: click.Parameter, value: tuple[Path, ...]) -> Given:
        models = [path for path in value if not is_sound(path)]
        if len(models) > 1:
            raise click.BadParameter(f"{models[0]} and {models[1]}: one model", ctx, param)
        model = models[0] if models else default_model(ctx, default, folders=folders)
        return Given(model, tuple(path for path in value if is_sound(path)))

    return click.argument(
        "given", nargs=-1, type=_GivenType(folders), callback=split, metavar="[MODEL] [SOUND]..."
    )


def default_model(ctx: click.Context, otherwise: str = DEFAULT_MODEL, *, folders: bool = False) -> Path:
    """The model of the file of defaults, or another."""
    kind = MODEL_OR_FOLDER if folders else MODEL
    return kind.convert(ctx.lookup_default("model") or otherwise, None, ctx)


def port_option(what: str) -> Callable[[FC], FC]:
    return click.option("--port", type=PORT, metavar="PORT|sim|socket://HOST:PORT", help=what)


BOARD_PORT = port_option("The board; without it the one that is plugged in.")


def json_option(function: FC) -> FC:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(function)


def plot_option(what: str, default: str | None = None) -> Callable[[FC], FC]:
    return click.option("--plot", type=NEW_FILE, default=default, show_default=True, help=what)


def out_option(what: str, default: str | None = None) -> Callable[[FC], FC]:
    return click.option("--out", type=NEW_FOLDER, default=default, show_default=True, help=what)
