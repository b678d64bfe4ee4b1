"""earkit lesson sound"""

import tempfile
from pathlib import Path

import click
from rich.table import Table

from earkit.commands._grammar import FILE, MODEL, subcommand
from earkit.commands._lesson._output import Output, with_output
from earkit.commands._terminal import console
from earkit.lessons import sound
from earkit.lessons.sound import Pipeline
from earkit.lessons.trained import SHIPPED, read_tiny_conv


@subcommand("sound", "earkit lesson sound", "earkit lesson sound --yes yes.wav --no no.wav --plot sound.png")
@click.argument("model", type=MODEL, default=SHIPPED)
@click.option("--yes", type=FILE, help="A recording of “yes”; else a synthetic one.")
@click.option("--no", type=FILE, help="A recording of “no”; else a synthetic one.")
@with_output
def command(model: Path, yes: Path | None, no: Path | None, output: Output) -> None:
    """How “yes” and “no” look, from the file's bytes to the answer.

    MODEL is a tiny_conv, a .tflite or the name of one that ships.
    """
    network = read_tiny_conv(model)
    with output.picture() as picture, tempfile.TemporaryDirectory(prefix="earkit-lesson-") as scratch:
        made = []
        for word, given in (("yes", yes), ("no", no)):
            path = given or Path(scratch) / f"{word}.wav"
            if given is None:
                sound.speak(word, path)
            made.append(sound.follow(word, path, network))
        if picture:
            sound.draw(made, network.labels, picture)
    if not output.as_json:
        show(made, network.labels)
    output.finish({each.word: as_dict(each, network.labels) for each in made})


def show(words: list[Pipeline], labels: tuple[str, ...]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("stage", "shape", "dtype", "smallest", "largest"):
        table.add_column(name)
    for name, array in words[0].stages():
        shape = "×".join(map(str, array.shape))
        table.add_row(name, shape, str(array.dtype), f"{array.min():.4g}", f"{array.max():.4g}")
    console.print(table)
    for made in words:
        scores = ", ".join(f"{label} {score:.2f}" for label, score in zip(labels, made.scores, strict=True))
        console.print(f"“{made.word}”: {scores}", markup=False)


def as_dict(made: Pipeline, labels: tuple[str, ...]) -> dict[str, object]:
    stages = [{"stage": n, "shape": list(a.shape), "dtype": str(a.dtype)} for n, a in made.stages()]
    return {"stages": stages, "scores": dict(zip(labels, made.scores.tolist(), strict=True))}
