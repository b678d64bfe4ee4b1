"""earkit evaluate: how well a model hears recordings, clip by clip, in one sound, and in hours of it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np
from click.core import ParameterSource
from rich.console import Console
from rich.table import Table

from earkit.audio import dataset
from earkit.audio import recordings as own
from earkit.audio.dataset import Dataset, Split
from earkit.commands._grammar import (
    FILE,
    FOLDER,
    json_option,
    needed_model,
    out_option,
    port_option,
    subcommand,
)
from earkit.commands._terminal import (
    console,
    detection,
    notes,
    print_json,
    print_notes,
    print_skipped,
    progress_bars,
)
from earkit.errors import require_all
from earkit.evaluation import clips, false_accepts
from earkit.evaluation.clips import Judgement
from earkit.evaluation.false_accepts import Figures
from earkit.evaluation.listening import Score
from earkit.evaluation.long_stream import NOISE, SPEECH, WORDS
from earkit.evaluation.whole import (
    HOST,
    clip_by_clip,
    hours_of_sound,
    is_shipped,
    put_inside,
    settings_to_judge,
)
from earkit.progress import Progress
from earkit.settings import ModelSettings
from earkit.spotter.serial import SIMULATED
from earkit.training import run


@subcommand(
    "evaluate",
    "earkit evaluate micro_speech --data speech_commands",
    "earkit evaluate my.tflite --data speech_commands --stream --hours 10",
)
@needed_model
@click.option("--data", type=FOLDER, help="Recordings in the Speech Commands layout.")
@click.option(
    "--recordings", type=FOLDER,
    help="Your own recordings instead, a folder for each word; all of them are played.",
)  # fmt: skip
@click.option(
    "--split", default="testing", show_default=True, type=click.Choice(["validation", "testing", "all"]),
    help="Speakers; all means both.",
)  # fmt: skip
@port_option("Let this board listen, instead of the board's C on this computer.")
@click.option("--float", "float_model", type=FILE, help="A run's model.keras, to compare int8 with.")
@click.option("--stream", is_flag=True, help="Hours of sound: words missed and false accepts an hour.")
@click.option("--hours", default=10.0, show_default=True, type=click.FloatRange(min=0.1))
@click.option(
    "--per-hour", default=false_accepts.FALSE_PER_HOUR, show_default=True, type=click.FloatRange(min=0.1),
    help="With --stream: false accepts an hour that you would bear.",
)  # fmt: skip
@click.option("--save", is_flag=True, help="With --stream: put the recommended settings into MODEL.")
@out_option("Pictures.", "out/evaluate")
@json_option
def command(
    model: Path, data: Path | None, recordings: Path | None, split: str, port: str | None,
    float_model: Path | None, stream: bool, hours: float, per_hour: float, save: bool, out: Path,
    as_json: bool,
) -> None:  # fmt: skip
    """Judge how well a model hears people it has never met.

    Held-out speakers are played to MODEL, a .tflite or the name of a model that ships: clip by clip; then all
    words one after another with as many other words between, through front end, model and recogniser as on
    the board. `--port sim` asks the simulated board, `--port PORT` a real one (clip by clip). `--stream`
    chooses the threshold on the validation speakers and counts on the testing ones. Without --data or
    --recordings the speakers are synthetic voices.
    """
    require_all("train", "scipy", *(["tensorflow"] if save else []))
    require_all("plot", *(["matplotlib"] if stream else []))
    if save and not stream:
        raise click.UsageError("--save keeps what --stream recommends; add --stream")
    source = click.get_current_context().get_parameter_source
    if not stream and ParameterSource.COMMANDLINE in (source("hours"), source("per_hour")):
        raise click.UsageError("--hours and --per-hour are about --stream; add --stream")
    if recordings and (data or stream or split != "testing"):
        raise click.UsageError("--recordings takes no --data, no --split and no --stream")
    if stream and (float_model or split != "testing" or port not in (None, SIMULATED)):
        raise click.UsageError("--stream takes no --split, no --float, and no board but --port sim")
    if save and is_shipped(model):
        raise click.UsageError("--save would change a shipped model; copy it and name the copy")
    settings, board = settings_to_judge(model), port or HOST
    said = notes(as_json)
    with progress_bars(said) as progress:
        if stream:
            read = speakers(data, settings, said, progress)
            result = hours_of_sound(model, settings, read, hours, per_hour, board, out, progress)
        else:
            if recordings:
                part = takes(recordings, settings, said, progress)
            else:
                part = part_of(speakers(data, settings, said, progress), split)
            result = clip_by_clip(model, settings, part, board, float_model, progress)
    if save:
        put_inside(model, settings, result["recommended"].settings)
    if as_json:
        print_json(plain(result, board))
    elif stream:
        print_stream(result)
    else:
        print_clips(result, settings)


def speakers(data: Path | None, settings: ModelSettings, said: Console, progress: Progress) -> Dataset:
    read = run.speakers(data, settings.words, progress)
    print_notes(read, said)
    return read


def takes(folder: Path, settings: ModelSettings, said: Console, progress: Progress) -> Split:
    found = own.read(folder, settings.labels, progress)
    print_skipped(found.skipped, said)
    return found.takes


def part_of(read: Dataset, split: str) -> Split:
    return dataset.held_out(read) if split == "all" else getattr(read, split)


def print_clips(result: dict[str, Any], settings: ModelSettings) -> None:
    console.print(clip_table(result["clips"]))
    if "loss" in result:
        low, high = result["loss"].interval
        console.print(
            f"float {result['float'].balanced:.1%}; int8 is {result['loss'].points:.2f} points below "
            f"({100 * low:.2f} to {100 * high:.2f})"
        )
    if "sound" not in result:
        return
    score: Score = result["sound"]
    each = ", ".join(f"{word} {score.heard[word]} of {score.played[word]}" for word in score.played)
    console.print(f"in one sound of {result['seconds']:.0f} s: heard {each}; {len(score.false)} false")
    others = result["clips_played"] - sum(score.played.values())
    average, threshold = settings.recognizer.average_ms, settings.recognizer.threshold
    console.print(f"({others} other words between; average over {average} ms, threshold {threshold} of 255)")


def print_stream(result: dict[str, Any]) -> None:
    best: Figures = result["recommended"]
    console.print(
        f"chosen on validation speakers: average {best.settings.average_ms} ms, threshold "
        f"{best.settings.threshold} ({best.missed_share:.1%} missed, {best.per_hour:.2f} false an hour)"
    )
    for name in ("testing", "carried"):
        figures: Figures = result[name]
        (least, most), (low, high) = figures.missed_interval, figures.per_hour_interval
        title = "testing speakers" if name == "testing" else "the same, with the settings inside the model"
        console.print(
            f"{title}: {figures.missed} of {figures.played} missed ({figures.missed_share:.1%}, "
            f"{least:.1%} to {most:.1%}); "
            f"{figures.alarms} false in {figures.hours:.1f} h = {figures.per_hour:.2f} an hour "
            f"({low:.2f} to {high:.2f})"
        )
        console.print(f"  {set_off_by(figures)}", markup=False)
    if result["latency_ms"]:
        early, middle, late = result["latency_ms"]
        console.print(
            f"from a word's end to its line: {middle:.0f} ms (5 to 95 %: {early:.0f} to {late:.0f})"
        )
    unique = ", ".join(f"{minutes:.1f} min of {what}" for what, minutes in result["unique_minutes"].items())
    console.print(
        f"without repetitions that sound is {unique}; speech and the rest of the noise are synthetic"
    )
    if "same_on_board" in result:
        lines, wrong = result["same_on_board"]
        console.print(f"the simulated board sent {lines} lines in the first minute, {wrong} of them others")


def set_off_by(figures: Figures) -> str:
    words = {word: count for word, count in figures.by.items() if word not in (SPEECH, NOISE)}
    most = ", ".join(f"{word} {count}" for word, count in list(words.items())[:4])
    counts = {SPEECH: figures.by.get(SPEECH, 0), NOISE: figures.by.get(NOISE, 0), WORDS: sum(words.values())}
    each = ", ".join(f"{what} {count}" for what, count in counts.items())
    return f"set off by {each}" + (f" ({figures.clips_taken} clips; {most})" if words else "")


def plain(value: Any, board: str) -> Any:
    """What JSON can write of a result; `board` is who listened."""
    if isinstance(value, Judgement):
        return {
            "labels": value.labels,
            "confusion": value.confusion.tolist(),
            "accuracy": round(value.accuracy, 4),
            "balanced": round(value.balanced, 4),
            "interval": [round(end, 4) for end in value.interval],
        }
    if isinstance(value, Score):
        false = [detection(found, board) for found in value.false]
        return {"played": value.played, "right": value.heard, "false": false}
    if isinstance(value, Figures):
        return asdict(value) | {
            "missed_interval": value.missed_interval,
            "per_hour": value.per_hour,
            "interval": value.per_hour_interval,
        }
    if isinstance(value, clips.Difference):
        return asdict(value)
    if isinstance(value, dict):
        return {key: plain(one, board) for key, one in value.items()}
    return [plain(one, board) for one in value] if isinstance(value, list) else value


def clip_table(judgement: Judgement) -> Table:
    low, high = judgement.interval
    title = f"clip by clip: balanced {judgement.balanced:.1%} ({low:.1%} to {high:.1%})"
    caption = "rows: what was said; columns: what it was taken for"
    table = Table(
        title=title,
        title_justify="left",
        caption=caption,
        caption_justify="left",
        box=None,
        padding=(0, 1, 0, 0),
    )
    for heading in ("said", *judgement.labels, "recall", "precision"):
        table.add_column(heading, justify="right")
    for index, label in enumerate(judgement.labels):
        shares = (judgement.recall[index], judgement.precision[index])
        known = ("-" if np.isnan(share) else f"{share:.1%}" for share in shares)
        table.add_row(label, *map(str, judgement.confusion[index]), *known)
    return table
