"""earkit demo: from clips to `Heard yes` on the simulated board, in one command."""

from dataclasses import replace
from pathlib import Path

import click
from rich.table import Table

from earkit import files
from earkit.audio import speaking
from earkit.commands._grammar import FOLDER, json_option, optional_model, out_option, subcommand
from earkit.commands._terminal import (
    console,
    detection,
    notes,
    print_json,
    print_notes,
    progress_bars,
)
from earkit.commands._training import print_run, recommended
from earkit.compiler.export import export_model
from earkit.errors import EarkitError, require_all
from earkit.evaluation import listening, pictures
from earkit.evaluation.listening import Score
from earkit.spotter.model import settings_of
from earkit.spotter.serial import SIMULATED
from earkit.spotter.simulated import Playback, play
from earkit.toolchain import arm, platformio, size
from earkit.toolchain.size import Size
from earkit.training import models
from earkit.training.run import speakers, train
from earkit.training.settings import FitSettings

CLIPS_PER_WORD = 20
OTHER_CLIPS = 10
LEAST_HEARD = 0.85
MOST_FALSE = 0.05
"""Share of the words played."""


@subcommand("demo", "earkit demo", "earkit demo yes_no --data speech_commands")
@optional_model()
@click.option("--data", type=FOLDER, help="Recordings in the Speech Commands layout.")
@out_option("Results.", "out/demo")
@click.option("--seed", default=1, show_default=True)
@json_option
def command(model: Path | None, data: Path | None, out: Path, seed: int, as_json: bool) -> None:
    """Go from clips to "Heard yes" on the simulated board.

    Train, quantise, compile, build the firmware, and play held-out clips to it. With MODEL, a .tflite or the
    name of a model that ships, nothing is trained. Exits with 1 when less than 85 % of the words are heard,
    or more detections are false than one for each twenty words (2 of the usual 40).
    """
    check_tools(trains=model is None)
    words = settings_of(model).words if model else speaking.Settings().words
    said = notes(as_json)
    with progress_bars(said) as progress:
        clips = speakers(data, words, progress)
        if model is None:
            print_notes(clips, said)
            run = train(clips, "tiny_conv", settings(seed), out, "demo", recommended, progress)
            print_run(run, said)
            model = run.tflite
        c_folder = out / "c"
        export_model(model, c_folder, progress=progress)
        image = platformio.build("sim", c_folder, progress)
    playlist = listening.playlist(clips.testing, clips.labels, CLIPS_PER_WORD, OTHER_CLIPS, seed)
    said.print(f"playing {len(playlist.spoken)} held-out clips to the simulated board:")
    played = play(image, playlist.samples, said=lambda line: said.print(f"  {line}", markup=False))
    score = listening.score(playlist, played.heard, words)
    measured = size.measure(image)
    files.write_text(out / "serial.txt", "".join(f"{line}\n" for line in played.lines))
    pictures.first_heard(playlist, played.heard, words, out / "heard.png")
    if as_json:
        print_json(as_dict(score, played, measured, out))
    else:
        console.print(table(score, played, measured))
        console.print(f"pictures, model and serial log are in {out}", markup=False)
    judge(score)


def as_dict(score: Score, run: Playback, measured: Size, out: Path) -> dict[str, object]:
    """What --json prints."""
    return {
        "played": score.played,
        "right": score.heard,
        "false": [detection(found, SIMULATED) for found in score.false],
        "heard": [detection(found, SIMULATED) for found in run.heard],
        "flash_bytes": measured.flash,
        "ram_bytes": measured.ram + measured.stack,
        "stats": run.stats,
        "folder": str(out),
    }


def settings(seed: int) -> FitSettings:
    return replace(models.settings_for("tiny_conv"), seed=seed)


def check_tools(trains: bool) -> None:
    """Say what is missing at once, not when minutes of work have led to it."""
    arm.find_compiler()
    require_all("sim", "unicorn", "elftools")
    require_all("plot", "matplotlib")
    require_all("train", *(("tensorflow", "keras") if trains else ()))


def table(score: Score, run: Playback, measured: Size) -> Table:
    result = Table(title="what the board heard", title_justify="left", box=None, pad_edge=False)
    for heading in ("word", "played", "heard", "missed"):
        result.add_column(heading, justify="left" if heading == "word" else "right")
    for word, played in score.played.items():
        heard = score.heard[word]
        result.add_row(word, str(played), str(heard), str(played - heard))
    stats = run.stats
    facts = {
        "heard": f"{score.share_heard:.1%}",
        "false": str(len(score.false)),
        "flash": f"{measured.flash:,} B",
        "RAM": f"{measured.ram + measured.stack:,} B",
        "instructions per inference": f"{stats.get('inference_cycles', 0):,}",
        "instructions per hop": f"{stats.get('hop_cycles', 0):,}",
        "share of the 64 MHz CPU": f"{1 - run.asleep:.1%}",
        "blocks of sound lost": str(stats.get("overruns", "?")),
    }
    result.add_section()
    for name, value in facts.items():
        result.add_row(name, value)
    return result


def judge(score: Score) -> None:
    most_false = round(MOST_FALSE * sum(score.played.values()))
    if score.share_heard < LEAST_HEARD or len(score.false) > most_false:
        raise EarkitError(
            f"the board heard {score.share_heard:.0%} with {len(score.false)} false detections, "
            f"the demo wants {LEAST_HEARD:.0%} and at most {most_false}",
            "try another --seed or more data",
        )
