"""earkit evaluate: how well a model hears recordings, clip by clip, in one sound, and in hours of it."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from click.core import ParameterSource
from rich.console import Console
from rich.table import Table

from earkit import files, paths
from earkit.audio import dataset
from earkit.audio import recordings as own
from earkit.audio.dataset import Dataset, Split
from earkit.commands import _training
from earkit.commands._terminal import aside, console, progress_bars
from earkit.commands._training import print_notes, print_skipped
from earkit.errors import require_all
from earkit.evaluation import boards, clips, false_accepts, listening, pictures
from earkit.evaluation.clips import Judgement
from earkit.evaluation.false_accepts import Figures
from earkit.evaluation.listening import Score
from earkit.evaluation.long_stream import NOISE, SPEECH, WORDS
from earkit.progress import Progress
from earkit.settings import ModelSettings
from earkit.spotter import serial
from earkit.spotter.host import listen
from earkit.spotter.image import build_image, export_cached
from earkit.spotter.model import find_model, load, settings_of
from earkit.spotter.simulated import play
from earkit.training import quantise, recipe


@click.command(name="evaluate")
@click.argument("model")
@click.option("--data", type=click.Path(path_type=Path), help="Recordings in the Speech Commands layout.")
@click.option(
    "--recordings",
    type=click.Path(path_type=Path),
    help="Your own recordings instead, a folder for each word; all of them are played.",
)
@click.option(
    "--split",
    default="testing",
    show_default=True,
    type=click.Choice(["validation", "testing", "all"]),
    help="Speakers; all means both.",
)
@click.option(
    "--on", default="host", show_default=True, help="Who listens: host, sim, or the port of a board."
)
@click.option(
    "--float",
    "float_model",
    type=click.Path(path_type=Path),
    help="A run's model.keras, to compare int8 with.",
)
@click.option("--stream", is_flag=True, help="Hours of sound: words missed and false accepts an hour.")
@click.option("--hours", default=10.0, show_default=True, type=click.FloatRange(min=0.1))
@click.option(
    "--per-hour",
    default=false_accepts.FALSE_PER_HOUR,
    show_default=True,
    type=click.FloatRange(min=0.1),
    help="With --stream: false accepts an hour that you would bear.",
)
@click.option("--save", is_flag=True, help="With --stream: put the recommended settings into MODEL.")
@click.option(
    "--out", default="out/evaluate", type=click.Path(path_type=Path), show_default=True, help="Pictures."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    model: str,
    data: Path | None,
    recordings: Path | None,
    split: str,
    on: str,
    float_model: Path | None,
    stream: bool,
    hours: float,
    per_hour: float,
    save: bool,
    out: Path,
    as_json: bool,
) -> None:
    """Play held-out speakers to MODEL (a .tflite, or the name of a shipped one).

    Clip by clip; then all words one after another with as many other words between, through front end,
    model and recogniser as on the board. `--on sim` asks the simulated board, `--on PORT` a real one (clip
    by clip). `--stream` chooses the threshold on the validation speakers and counts on the testing ones.
    Without --data or --recordings the speakers are synthetic voices.
    """
    require_all("train", "scipy", *(["matplotlib"] if stream else []), *(["tensorflow"] if save else []))
    if save and not stream:
        raise click.UsageError("--save keeps what --stream recommends; add --stream")
    source = click.get_current_context().get_parameter_source
    if not stream and ParameterSource.COMMANDLINE in (source("hours"), source("per_hour")):
        raise click.UsageError("--hours and --per-hour are about --stream; add --stream")
    if recordings and (data or stream or split != "testing"):
        raise click.UsageError("--recordings takes no --data, no --split and no --stream")
    if stream and (float_model or split != "testing" or on not in ("host", "sim")):
        raise click.UsageError("--stream takes no --split, no --float, and no board but --on sim")
    path = find_model(model)
    if save and path.resolve().is_relative_to((paths.kit() / "models").resolve()):
        raise click.UsageError("--save would change a shipped model; copy it and name the copy")
    settings = settings_of(path)
    notes = aside if as_json else console
    with progress_bars(notes) as progress:
        if stream:
            read = speakers(data, settings, notes, progress)
            result = hours_of_sound(path, settings, read, hours, per_hour, on, out, progress)
        else:
            if recordings:
                part = takes(recordings, settings, notes, progress)
            else:
                part = part_of(speakers(data, settings, notes, progress), split)
            result = clip_by_clip(path, settings, part, on, float_model, progress)
    if save:
        write_settings(path, settings, result["recommended"].settings)
    if as_json:
        print(json.dumps(plain(result)))
    elif stream:
        print_stream(result)
    else:
        print_clips(result, settings)


def speakers(data: Path | None, settings: ModelSettings, notes: Console, progress: Progress) -> Dataset:
    read = _training.speakers(data, settings.words, progress)
    print_notes(read, notes)
    return read


def takes(folder: Path, settings: ModelSettings, notes: Console, progress: Progress) -> Split:
    found = own.read(folder, settings.labels, progress)
    print_skipped(found.skipped, notes)
    return found.takes


def part_of(read: Dataset, split: str) -> Split:
    return dataset.held_out(read) if split == "all" else getattr(read, split)


def clip_by_clip(
    path: Path,
    settings: ModelSettings,
    part: Split,
    on: str,
    float_model: Path | None,
    progress: Progress,
) -> dict[str, Any]:
    """The judgement of single clips; of one sound too, unless a real board is asked."""
    host = load(path)
    asked = host
    if on == "sim":
        asked = boards.on_core(export_cached(path), progress)
    elif on != "host":
        asked = serial.ask(on, clips.windows_of(part)[0], settings.labels, progress)
    result: dict[str, Any] = {"clips": clips.judge(asked, part, settings.labels)}
    if float_model:
        known = boards.as_float(recipe.load_float(float_model, len(settings.labels)))
        exact = clips.judge(known, part, settings.labels)
        result |= {"float": exact, "loss": clips.difference(exact, result["clips"])}
    if on not in ("host", "sim"):
        return result
    sound = listening.playlist(part, settings.labels)
    if on == "sim":
        heard = play(build_image(str(path), progress=progress), sound.samples).heard
    else:
        heard = listen(host, sound.samples, settings)
    score = listening.score(sound, heard, settings.words)
    return result | {"sound": score, "seconds": sound.seconds, "clips_played": len(sound.spoken)}


def hours_of_sound(
    path: Path,
    settings: ModelSettings,
    read: Dataset,
    hours: float,
    per_hour: float,
    on: str,
    out: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Thresholds from the validation speakers, figures from the testing ones."""
    host, labels = load(path), settings.labels
    before = false_accepts.hear(host, read.validation, "validation", labels, hours, progress=progress)
    recommended = false_accepts.recommend(before, per_hour)
    heard = false_accepts.hear(host, read.testing, "testing", labels, hours, progress=progress)
    average = recommended.settings.average_ms
    curves = {
        "validation": false_accepts.curve(before, average),
        "testing": false_accepts.curve(heard, average),
    }
    judged = heard.judge(recommended.settings)
    pictures.detection_error(curves, judged, out / "det.png")
    latencies = heard.latencies(recommended.settings, read.testing)
    result: dict[str, Any] = {
        "recommended": recommended,
        "testing": judged,
        "carried": heard.judge(settings.recognizer),
        "latency_ms": np.percentile(latencies, [5, 50, 95]).tolist() if len(latencies) else [],
        "unique_minutes": heard.unique_minutes,
        "curve": curves["testing"],
    }
    if on == "sim":
        image = build_image(str(path), progress=progress)
        result["board"] = boards.same_sound(image, settings, heard, host)
    return result


def write_settings(path: Path, settings: ModelSettings, recognizer: Any) -> None:
    files.write_bytes(
        path, quantise.with_settings(path.read_bytes(), replace(settings, recognizer=recognizer))
    )


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
    if "board" in result:
        lines, wrong = result["board"]
        console.print(f"the simulated board sent {lines} lines in the first minute, {wrong} of them others")


def set_off_by(figures: Figures) -> str:
    words = {word: count for word, count in figures.by.items() if word not in (SPEECH, NOISE)}
    most = ", ".join(f"{word} {count}" for word, count in list(words.items())[:4])
    counts = {SPEECH: figures.by.get(SPEECH, 0), NOISE: figures.by.get(NOISE, 0), WORDS: sum(words.values())}
    each = ", ".join(f"{what} {count}" for what, count in counts.items())
    return f"set off by {each}" + (f" ({figures.clips_taken} clips; {most})" if words else "")


def plain(value: Any) -> Any:
    """What json can write of a result."""
    if isinstance(value, Judgement):
        return {
            "labels": value.labels,
            "confusion": value.confusion.tolist(),
            "accuracy": round(value.accuracy, 4),
            "balanced": round(value.balanced, 4),
            "interval": [round(end, 4) for end in value.interval],
        }
    if isinstance(value, Score):
        return {"played": value.played, "heard": value.heard, "false": len(value.false)}
    if isinstance(value, Figures):
        return asdict(value) | {
            "missed_interval": value.missed_interval,
            "per_hour": value.per_hour,
            "interval": value.per_hour_interval,
        }
    if isinstance(value, clips.Difference):
        return asdict(value)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


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
