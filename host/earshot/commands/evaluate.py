"""earshot evaluate: how well a model hears recordings, clip by clip and in one long sound."""

import json
from pathlib import Path

import click
import numpy as np
from rich.table import Table

from earshot.audio import dataset, synthetic
from earshot.commands._image import build_image, find_model
from earshot.commands._terminal import console, progress_bars
from earshot.evaluation import clips, engine, listening, streams
from earshot.evaluation.clips import Judgement
from earshot.evaluation.listening import Score
from earshot.evaluation.playback import play


@click.command(name="evaluate")
@click.argument("model")
@click.option("--data", type=click.Path(path_type=Path), help="Recordings in the Speech Commands layout.")
@click.option(
    "--split",
    default="testing",
    show_default=True,
    type=click.Choice(["validation", "testing"]),
    help="Speakers.",
)
@click.option(
    "--on", default="host", show_default=True, type=click.Choice(["host", "sim"]), help="Who listens."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(model: str, data: Path | None, split: str, on: str, as_json: bool) -> None:
    """Play held-out speakers to MODEL (a .tflite, or the name of a shipped one).

    Clip by clip; then all words one after another with as many other words between, through front end,
    model and recogniser as on the board, or with `--on sim` to the simulated board itself. Without --data
    the speakers are synthetic voices.
    """
    path = find_model(model)
    settings = engine.settings_of(path)
    words = settings.labels[2:]
    with progress_bars() as progress:
        folder = data or synthetic.cached(synthetic.Settings(words), progress)
        part = getattr(dataset.read(folder, words, progress), split)
        model_engine = engine.load(path)
        judgement = clips.judge(model_engine, part, settings.labels)
        sound = streams.playlist(part, settings.labels)
        if on == "sim":
            heard = play(build_image(model, progress=progress), sound.samples).heard
        else:
            heard = streams.listen(model_engine, sound.samples, settings)
    score = listening.score(sound, heard, words)
    if as_json:
        print(json.dumps(as_dict(judgement, score)))
        return
    console.print(clip_table(judgement))
    others = len(sound.spoken) - sum(score.played.values())
    each = ", ".join(f"{word} {score.heard[word]} of {score.played[word]}" for word in words)
    console.print(f"in one sound of {sound.seconds:.0f} s: heard {each}; {len(score.false)} false")
    console.print(f"({others} other words between; {settings.recognizer})", markup=False)


def as_dict(judgement: Judgement, score: Score) -> dict[str, object]:
    return {
        "labels": judgement.labels,
        "confusion": judgement.confusion.tolist(),
        "accuracy": round(judgement.accuracy, 4),
        "balanced": round(judgement.balanced, 4),
        "played": score.played,
        "heard": score.heard,
        "false": len(score.false),
    }


def clip_table(judgement: Judgement) -> Table:
    table = Table(title=f"clip by clip: balanced {judgement.balanced:.1%}", title_justify="left", box=None)
    for heading in ("said \\ taken for", *judgement.labels, "recall", "precision"):
        table.add_column(heading, justify="right")
    for index, label in enumerate(judgement.labels):
        shares = (judgement.recall[index], judgement.precision[index])
        known = ("-" if np.isnan(share) else f"{share:.1%}" for share in shares)
        table.add_row(label, *map(str, judgement.confusion[index]), *known)
    return table
