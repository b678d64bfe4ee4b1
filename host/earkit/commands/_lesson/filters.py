"""earkit lesson filters"""

import tempfile
from pathlib import Path

import click
from rich.table import Table

from earkit.audio import clips
from earkit.commands._lesson._model import SHIPPED, read_tiny_conv
from earkit.commands._lesson._output import Output, with_output
from earkit.commands._terminal import console
from earkit.core import frontend
from earkit.lessons import filters, sound
from earkit.spotter.model import find_model


@click.command()
@click.option("--wav", type=click.Path(path_type=Path), help="The clip that answers; else a synthetic “yes”.")
@click.option("--model", default=SHIPPED, show_default=True, help="A tiny_conv: .tflite or its name.")
@with_output
def command(wav: Path | None, model: str, output: Output) -> None:
    """What the eight filters look for, and where a clip answers."""
    network = read_tiny_conv(find_model(model))
    with output.picture() as picture, tempfile.TemporaryDirectory(prefix="earkit-lesson-") as scratch:
        path = wav or Path(scratch) / "yes.wav"
        if wav is None:
            sound.speak("yes", path)
        window = frontend.window_int8(clips.fit(clips.read(path).samples, clips.SAMPLE_RATE))
        if picture:
            filters.draw(network, window, path.name if wav else "a synthetic “yes”", picture)
    made = filters.describe(network, window)
    if not output.as_json:
        show(made)
    output.finish({"filters": made})


def show(made: list[dict[str, float]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("filter", "weight in the late half", "in the upper half", "largest answer", "mean answer"):
        table.add_column(name, justify="right")
    for number, each in enumerate(made, start=1):
        shares = (f"{each['late']:.0%}", f"{each['upper']:.0%}")
        table.add_row(str(number), *shares, f"{each['largest']:.1f}", f"{each['mean']:.2f}")
    console.print(table)
