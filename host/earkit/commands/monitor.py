"""earkit monitor: show what boards hear, act on it, record it."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click

from earkit.audio import clips
from earkit.audio.room import in_quiet_room
from earkit.commands._grammar import MODEL, PORT, default_model, is_sound, subcommand
from earkit.commands._watching import Screen, outputs
from earkit.monitor.sources import board_source, line_of
from earkit.monitor.watch import setting
from earkit.simulator.serve import served
from earkit.spotter.image import build_image
from earkit.spotter.model import shipped
from earkit.spotter.serial import SIMULATED


@dataclass(frozen=True)
class Asked:
    ports: dict[str, str]
    """By the board's name."""
    model: Path | None
    """The simulated board's."""
    sounds: tuple[Path, ...]
    """What it hears."""


def _parse(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> Asked:
    models = [word for word in value if word in shipped() or Path(word).suffix == ".tflite"]
    words = [word for word in value if not is_sound(word) and word not in models]
    named = [_split(word) for word in words or (ctx.lookup_default("port") or "",)]
    ports = {name: PORT.convert(port, param, ctx) for name, port in named}
    sounds = tuple(Path(word) for word in value if is_sound(word))
    if len(ports) < len(named):
        raise click.BadParameter("two boards have the same name; give each its own: kitchen=PORT", ctx, param)
    if (sounds or models) and SIMULATED not in ports.values():
        raise click.BadParameter("models and recordings are for `earkit monitor sim`", ctx, param)
    if len(models) > 1:
        raise click.BadParameter("one model, please", ctx, param)
    for path in sounds:
        if not path.is_file():
            raise click.BadParameter(f"no recording at {path}", ctx, param)
    model = MODEL.convert(models[0], param, ctx) if models else None
    return Asked(ports, model, sounds)


@subcommand(
    "monitor",
    "earkit monitor sim yes.wav",
    "earkit monitor kitchen=/dev/ttyACM0 --do yes:200='notify-send hello'",
)
@click.argument("given", nargs=-1, metavar="[[NAME=]PORT|sim]... [MODEL] [SOUND]...", callback=_parse)
@outputs
@click.pass_context
def command(context: click.Context, screen: Screen, given: Asked) -> None:
    """Show what a board hears, act on it, record it.

    PORT is a serial device or socket://HOST:PORT; without it the board that is plugged in is found. `sim` is
    a simulated board, which runs MODEL and hears the recordings SOUND. Several boards may be watched, each
    with a name. Unplugging and plugging in again goes on, until Ctrl-C.
    """
    heard = in_quiet_room([clips.read(path).samples for path in given.sounds])
    with ExitStack() as stack:
        lines = {}
        for name, port in given.ports.items():
            if port == SIMULATED:
                port = stack.enter_context(served(build_image(given.model or default_model(context)), heard))
            lines[name] = line_of(name, port, screen.streams)

        def set_(board: str, name: str, value: int, keep: bool) -> None:
            lines[board].jobs.put(setting(board, name, value, keep))

        screen.watch({name: board_source(line) for name, line in lines.items()}, set_)


def _split(text: str) -> tuple[str, str]:
    """(name, port); the name is the port's own last part where none is given."""
    name, found, port = text.partition("=")
    if found and name.isprintable() and "/" not in name:
        return name, port
    return Path(text).name or "board", text
