"""--port: what a lesson has learnt, on a simulated or a real board."""

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.table import Table

from earkit import files
from earkit.commands._grammar import NEW_FILE, port_option
from earkit.commands._lesson._output import Finite, Output
from earkit.commands._terminal import console
from earkit.core.compiled import CompiledModel
from earkit.errors import require_all
from earkit.lessons import board, dense
from earkit.lessons.board import Comparison
from earkit.lessons.line import XS, truth
from earkit.spotter.image import build_image, export_cached
from earkit.spotter.serial import session_with


@dataclass(frozen=True)
class OnBoard:
    port: str | None
    """A serial port, `sim`, or None for no board."""
    tflite: Path | None
    """Where to write the model, or None."""
    is_float32: bool
    asked: tuple[float, ...]

    def save(self, network: dense.Network, output: Output) -> None:
        """Write the network's .tflite, when that was asked for."""
        if self.tflite is None:
            return
        require_all("train", "tensorflow", "keras")
        files.write_bytes(self.tflite, dense.to_tflite(network, not self.is_float32))
        output.say(f"model: {self.tflite}")

    def run(self, lesson: str, network: dense.Network, output: Output) -> None:
        """Put the network on the board, compare its answers, and let the user ask."""
        require_all("train", "tensorflow", "keras")
        model = dense.cached(network, lesson, not self.is_float32)
        folder = export_cached(model)
        host = CompiledModel(folder)
        advice = f"put it on first: EARKIT_MODEL={folder} pio run -e nano33ble_lesson -t upload"
        on_board = session_with(model, self.port or "", lambda: build_image(folder, "lesson"), advice)
        with output.picture() as picture, on_board as session:
            output.say(f"{model.stem} on {session.board.board}, engine {session.board.engine}")

            def ask(xs: Any) -> Comparison:
                return board.compare(np.asarray(xs), network, host, session.infer)

            made = ask(self.asked or board.TABLE)
            if not output.as_json:
                _show(made)
            if picture:
                board.draw(ask(board.SWEEP), picture)
            if not self.asked and not output.as_json and sys.stdin.isatty():
                _answer(ask)
        output.finish(_as_dict(made))


def with_board(function: Callable[..., None]) -> Callable[..., None]:
    """Add --port, --tflite, --float32 and --x to a lesson and pass them as `on_board`."""

    @port_option("Put the result on this board.")
    @click.option("--tflite", type=NEW_FILE, help="Write the result to this .tflite file.")
    @click.option("--float32", "is_float32", is_flag=True, help="Of --port and --tflite: float32, not int8.")
    @click.option(
        "--x", "asked", type=Finite(), multiple=True, help="With --port: ask this; may be repeated."
    )
    @functools.wraps(function)
    def run(
        *args: Any,
        port: str | None,
        tflite: Path | None,
        is_float32: bool,
        asked: tuple[float, ...],
        **options: Any,
    ) -> None:
        if port is None and (asked or (is_float32 and tflite is None)):
            raise click.UsageError("--x goes with --port, and --float32 with --port or --tflite")
        function(*args, on_board=OnBoard(port, tflite, is_float32, asked), **options)

    return run


def _show(made: Comparison) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("x", "truth", "network", f"PC {made.kind}", f"board {made.kind}"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in range(len(made.x)):
        numbers = (made.x[row], truth(made.x[row]), made.network[row], made.host[row], made.board[row])
        table.add_row(*(f"{number:.4g}" for number in numbers), _note(made, row))
    console.print(table)
    console.print(
        f"PC and board: {made.equal} of {len(made.x)} equal to the last bit",
        markup=False,
    )


def _note(made: Comparison, row: int) -> str:
    if made.is_beyond[row]:
        return f"int8 ends at x = {np.clip(made.x[row], *made.ends):.4g}"
    return "" if XS[0] <= made.x[row] <= XS[-1] else "outside what it learnt from"


def _answer(ask: Callable[[Any], Comparison]) -> None:
    """Let the user type x after x."""
    while text := click.prompt("x (Enter ends)", default="", show_default=False):
        try:
            x = Finite().convert(text, None, None)
        except click.BadParameter as error:
            console.print(error.message, markup=False)
            continue
        made = ask([x])
        answers = (
            f"board {made.board[0]:.4f}, this computer {made.host[0]:.4f}, network {made.network[0]:.4f}"
        )
        note = _note(made, 0)
        console.print(f"  y: {answers}{f' ({note})' if note else ''}", markup=False)


def _as_dict(made: Comparison) -> dict[str, Any]:
    """What --json prints."""
    arrays = {
        "x": made.x,
        "truth": truth(made.x),
        "network": made.network,
        "host": made.host,
        "board": made.board,
    }
    lists = {name: np.asarray(values).tolist() for name, values in arrays.items()}
    return {"type": made.kind, **lists, "beyond": made.is_beyond.tolist(), "equal": made.equal}
