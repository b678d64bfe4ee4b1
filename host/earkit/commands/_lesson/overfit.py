"""earkit lesson overfit"""

import dataclasses
from pathlib import Path

import click

from earkit.audio import speaking, synthetic
from earkit.commands._grammar import FOLDER, subcommand
from earkit.commands._lesson._output import Output, with_output
from earkit.commands._words import words_of
from earkit.errors import DataError, require_all
from earkit.lessons import overfit
from earkit.lessons.overfit import Run


@subcommand("overfit", "earkit lesson overfit", "earkit lesson overfit --words yes,no --clips 200")
@click.option("--data", type=FOLDER, help="Recordings, one folder per word; else synthetic.")
@click.option("--words", default="no,go", show_default=True, callback=words_of, help="What to tell apart.")
@click.option(
    "--clips", default=overfit.CLIPS, show_default=True, type=click.IntRange(1), help="Of each word."
)
@click.option("--epochs", default=overfit.EPOCHS, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1))
@with_output
def command(
    data: Path | None, words: tuple[str, ...], clips: int, epochs: int, seed: int, output: Output
) -> None:
    """Too few clips for too long: learnt by heart."""
    require_all("train", "tensorflow", "keras", *([] if data else ["espeakng_loader"]))
    if len(set(words)) < 2:
        raise DataError("one word cannot be told apart from itself", "name two or more: --words yes,no")
    with output.picture() as picture, output.progress() as progress:
        folder = data or synthetic.cached(speaking.Settings(words), progress)
        training = overfit.examples(folder, words, "training", clips)
        validation = overfit.examples(folder, words, "validation", overfit.HELD_OUT)
        testing = overfit.examples(folder, words, "testing", overfit.HELD_OUT)
        judged = (training, validation, testing, seed, epochs)
        too_long = overfit.train(*judged, None, progress)
        in_time = overfit.train(*judged, overfit.PATIENCE, progress)
        if picture:
            overfit.draw(too_long, in_time, picture)
    output.say(
        f"{len(training.labels)} clips to learn from, {len(testing.labels)} of other speakers to judge by"
    )
    output.say(sentence(f"too long: {epochs} epochs", too_long))
    output.say(sentence(f"in time: stopped after {len(in_time.loss)}, kept epoch {in_time.kept}", in_time))
    output.finish({"too_long": dataclasses.asdict(too_long), "in_time": dataclasses.asdict(in_time)})


def sentence(name: str, run: Run) -> str:
    return (
        f"{name}\n  training clips right {run.training_accuracy:.0%}, testing speakers right "
        f"{run.testing_accuracy:.0%}, testing loss {run.testing_loss:.2f}, "
        f"wrong though {overfit.SURE:.0%} sure {run.sure_but_wrong:.0%}"
    )
