"""earkit lesson filters"""

import tempfile
from pathlib import Path

import click
from rich.table import Table

from earkit.audio import clips
from earkit.commands._grammar import Given, model_and_sounds, subcommand
from earkit.commands._lesson._output import Output, with_output
from earkit.commands._terminal import console
from earkit.core import frontend
from earkit.lessons import filters, sound
from earkit.lessons.trained import SHIPPED, read_tiny_conv


@subcommand("filters", "earkit lesson filters", "earkit lesson filters yes.wav --plot filters.png")
@model_and_sounds(SHIPPED)
@with_output
def command(given: Given, output: Output) -> None:
    """What the eight filters look for, and where a clip answers.

    MODEL is a tiny_conv, a .tflite or the name of one that ships; SOUND is the clip, else a synthetic “yes”.
    """
    if len(given.sounds) > 1:
        raise click.UsageError("one clip answers; give one SOUND")
    network = read_tiny_conv(given.model)
    wav = next(iter(given.sounds), None)
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
