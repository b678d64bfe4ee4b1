"""earkit lesson pretrained"""

import dataclasses
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from earkit.commands._grammar import MODEL, subcommand
from earkit.commands._lesson._output import Output, with_output
from earkit.commands._terminal import console
from earkit.errors import require_all
from earkit.lessons import pretrained
from earkit.lessons.pretrained import Verdict
from earkit.lessons.trained import SHIPPED, read_tiny_conv


@subcommand(
    "pretrained",
    "earkit lesson pretrained yes.wav",
    "earkit lesson pretrained recordings --hub wav2vec2 --json",
)
@click.argument("recording", type=click.Path(exists=True, path_type=Path))
@click.argument("model", type=MODEL, default=SHIPPED)
@click.option("--hub", default=pretrained.MODEL, show_default=True, help="The large one, or its folder.")
@with_output
def command(recording: Path, model: Path, hub: str, output: Output) -> None:
    """A large pretrained model on a recording, beside ours.

    RECORDING is a file, or a folder of them. MODEL, ours, is a tiny_conv: a .tflite or the name of one that
    ships.
    """
    require_all(pretrained.EXTRA, "torch", "transformers", "librosa")
    paths = pretrained.recordings(recording)
    small = read_tiny_conv(model)
    with output.picture() as picture, output.progress() as progress:
        large = pretrained.Wav2Vec2(hub)
        made = []
        for verdict in pretrained.judge(paths, large, small):
            made.append(verdict)
            progress("listening", len(made), len(paths))
        if picture:
            pretrained.draw(made, picture)
    if not output.as_json:
        show(made, recording)
    output.finish({"clips": [{**dataclasses.asdict(one), "path": str(one.path)} for one in made]})


def show(made: list[Verdict], given: Path) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("recording", "wav2vec2", "", "ours", ""):
        table.add_column(name, overflow="fold")
    for one in made:
        theirs, ours = f"{one.confidence:.3f}", f"{one.our_confidence:.3f}"
        path = one.path.relative_to(given) if given.is_dir() else one.path
        table.add_row(escape(str(path)), escape(one.label), theirs, one.our_label, ours)
    console.print(table)
