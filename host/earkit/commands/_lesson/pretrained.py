"""earkit lesson pretrained"""

import dataclasses
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from earkit.commands._lesson._model import SHIPPED, read_tiny_conv
from earkit.commands._lesson._output import Output, with_output
from earkit.commands._terminal import console
from earkit.errors import require_all
from earkit.lessons import pretrained
from earkit.lessons.pretrained import Verdict
from earkit.spotter.model import find_model


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--model", default=pretrained.MODEL, show_default=True, help="On the hub, or a folder.")
@click.option("--ours", default=SHIPPED, show_default=True, help="Our own: a tiny_conv .tflite or its name.")
@with_output
def command(recording: Path, model: str, ours: str, output: Output) -> None:
    """A large pretrained model on a recording or a folder, beside ours."""
    require_all(pretrained.EXTRA, "torch", "transformers", "librosa")
    paths = pretrained.recordings(recording)
    small = read_tiny_conv(find_model(ours))
    with output.picture() as picture, output.progress() as progress:
        large = pretrained.Wav2Vec2(model)
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
