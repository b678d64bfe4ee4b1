"""earkit monitor: show what boards hear, act on it, record it."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from earkit.commands._watching import Outputs, outputs, run
from earkit.device.ports import Port, choose_board, open_port, serial_of
from earkit.device.usb import find_boards
from earkit.monitor.gather import Source
from earkit.monitor.reports import Report
from earkit.monitor.simulated import simulated_board
from earkit.monitor.watch import Line, setting, watch


@click.command()
@click.argument("ports", nargs=-1, metavar="[[NAME=]PORT]...")
@click.option("--wav", "wavs", multiple=True, help="With sim: play this file to it; may be repeated.")
@outputs
def command(chosen: Outputs, ports: tuple[str, ...], wavs: tuple[str, ...]) -> None:
    """Show what the board at PORT hears, until Ctrl-C; act on it and record it.

    PORT is a serial device, a pyserial URL, or `sim` for a simulated board; without it the board that is
    plugged in is found. Several may be watched, each with a name. Unplugging and plugging in again goes on.
    """
    names = [_split(port) for port in ports or ("",)]
    if wavs and all(port != "sim" for _, port in names):
        raise click.UsageError("--wav is for `earkit monitor sim`")
    if len({name for name, _ in names}) < len(names):
        raise click.UsageError("two boards have the same name; give each its own: kitchen=PORT")
    with ExitStack() as stack:
        lines = {}
        for name, port in names:
            if port == "sim":
                port = stack.enter_context(
                    simulated_board(*(part for wav in wavs for part in ("--wav", wav)))
                )
            lines[name] = line_of(name, port, chosen.streams)

        def set_(board: str, name: str, value: int, keep: bool) -> None:
            lines[board].jobs.put(setting(board, name, value, keep))

        run(chosen, {name: source_of(line) for name, line in lines.items()}, set_)


def _split(text: str) -> tuple[str, str]:
    """(name, port); the name is the port's own last part where none is given."""
    name, found, port = text.partition("=")
    if found and name.isprintable() and "/" not in name:
        return name, port
    return Path(text).name or "board", text


def line_of(name: str, port: str, streams: tuple[str, ...]) -> Line:
    found = port

    def connect() -> Port:
        nonlocal found
        hint = "plug one in, name its port, or try the simulated one: sim"
        found = port or choose_board(find_boards(), hint)
        return open_port(found)

    return Line(name, connect, streams, lambda: serial_of(found))


def source_of(line: Line) -> Source:
    def source(stop: threading.Event) -> Iterator[Report]:
        line.stop = stop
        return watch(line)

    return source
