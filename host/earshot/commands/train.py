"""earshot train: from recordings to a quantised model."""

import re
import time
from pathlib import Path

import click

from earshot import files
from earshot.audio import dataset, synthetic
from earshot.audio.dataset import Dataset
from earshot.commands._terminal import console, progress_bars
from earshot.errors import require_all
from earshot.evaluation import pictures
from earshot.progress import Progress
from earshot.training import models, recipe
from earshot.training.fit import FitSettings

DEFAULTS = FitSettings()


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
@click.option(
    "--words", default="yes,no", show_default=True, callback=words_of, help="What to hear, with commas."
)
@click.option("--model", default="tiny_conv", show_default=True, type=click.Choice(models.names()))
@click.option("--epochs", default=DEFAULTS.epochs, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=1, show_default=True)
@click.option("--out", default="out", type=click.Path(path_type=Path), show_default=True, help="Results.")
def command(
    name: str,
    data: Path | None,
    with_synthetic: bool,
    words: tuple[str, ...],
    model: str,
    epochs: int,
    seed: int,
    out: Path,
) -> None:
    """Train a model that hears words, and write OUT/NAME.tflite (int8, settings inside) and pictures.

    Without --data it learns from synthetic voices.
    """
    require_all("train", "tensorflow", "keras", "matplotlib")
    began = time.monotonic()
    with progress_bars() as progress:
        clips = read(data, with_synthetic, words, progress)
        for line in clips.skipped:
            console.print(f"  skipped {line}", markup=False)
        made = recipe.train(clips, model, seed, progress, FitSettings(epochs=epochs))
    path = out / f"{name}.tflite"
    files.write_bytes(path, made.tflite)
    pictures.training_curves(made.history, out / f"{name}-training.png")
    pictures.confusion_matrix(made.confusion, clips.labels, out / f"{name}-confusion.png")
    console.print(f"validation speakers: {made.summary}", markup=False)
    console.print(f"{path}: {len(made.tflite):,} bytes, in {time.monotonic() - began:.0f} s", markup=False)


def read(data: Path | None, with_synthetic: bool, words: tuple[str, ...], progress: Progress) -> Dataset:
    """The data set at `data`, synthetic voices, or the one's speakers with the others beside them."""
    if data is None:
        return spoken(words, progress)
    clips = dataset.read(data, words, progress)
    return dataset.extended(clips, spoken(words, progress)) if with_synthetic else clips


def spoken(words: tuple[str, ...], progress: Progress) -> Dataset:
    return dataset.read(synthetic.cached(synthetic.Settings(words), progress), words, progress)
