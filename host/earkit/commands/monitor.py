"""earkit monitor: show what boards hear, act on it, record it."""

from contextlib import ExitStack
from pathlib import Path

import click

from earkit.audio import clips
from earkit.audio.room import in_quiet_room
from earkit.commands._grammar import PORT, default_model, is_sound, subcommand
from earkit.commands._watching import Screen, outputs
from earkit.monitor.sources import board_source, line_of
from earkit.monitor.watch import setting
from earkit.simulator.serve import served
from earkit.spotter.image import build_image
from earkit.spotter.serial import SIMULATED


def _parse(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> tuple[dict[str, str], tuple[Path, ...]]:
    """Ports by name, and what the simulated board should hear."""
    words = [word for word in value if not is_sound(word)]
    named = [_split(word) for word in words or (ctx.lookup_default("port") or "",)]
    ports = {name: PORT.convert(port, param, ctx) for name, port in named}
    sounds = tuple(Path(word) for word in value if is_sound(word))
    if len(ports) < len(named):
        raise click.BadParameter("two boards have the same name; give each its own: kitchen=PORT", ctx, param)
    if sounds and SIMULATED not in ports.values():
        raise click.BadParameter("recordings are for `earkit monitor sim`", ctx, param)
    for path in sounds:
        if not path.is_file():
            raise click.BadParameter(f"no recording at {path}", ctx, param)
    return ports, sounds


@subcommand(
    "monitor",
    "earkit monitor sim yes.wav",
    "earkit monitor kitchen=/dev/ttyACM0 --do yes:200='notify-send hello'",
)
@click.argument("given", nargs=-1, metavar="[[NAME=]PORT|sim]... [SOUND]...", callback=_parse)
@outputs
@click.pass_context
def command(context: click.Context, screen: Screen, given: tuple[dict[str, str], tuple[Path, ...]]) -> None:
    """Show what a board hears, act on it, record it.

    PORT is a serial device or socket://HOST:PORT; without it the board that is plugged in is found. `sim` is
    a simulated board, which hears the recordings SOUND. Several boards may be watched, each with a name.
    Unplugging and plugging in again goes on, until Ctrl-C.
    """
    ports, sounds = given
    heard = in_quiet_room([clips.read(path).samples for path in sounds])
    with ExitStack() as stack:
        lines = {}
        for name, port in ports.items():
            if port == SIMULATED:
                port = stack.enter_context(served(build_image(default_model(context)), heard))
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
