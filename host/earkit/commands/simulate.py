"""earkit simulate: run the firmware on the simulated board."""

import json
from pathlib import Path
from typing import Any

import click
import numpy as np

from earkit.audio import clips, noise
from earkit.audio.clips import Samples
from earkit.errors import EarkitError, require
from earkit.files import replacing
from earkit.spotter.image import build_image
from earkit.spotter.model import DEFAULT_MODEL
from earkit.spotter.simulated import Playback, play

LEAD, TAIL = 1.0, 1.5
"""Seconds of a quiet room before the first sound and after each."""
RENODE_TAIL, RENODE_SLICE = 1.0, 0.5
"""Seconds after the sound in which a detection may still come; seconds at a time."""
BOOT = 0.05
"""Seconds until the board listens to its serial port: who connects first may write at once."""


class Seconds(click.ParamType[float]):
    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return float(str(value).removesuffix("s"))
        except ValueError:
            self.fail(f"{value} is not a time such as 3s", param, ctx)


@click.command()
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="A .tflite file or a shipped model.")
@click.option(
    "--elf", type=click.Path(path_type=Path, exists=True), help="Run this image instead of building."
)
@click.option(
    "--wav", "wavs", multiple=True, type=click.Path(path_type=Path), help="Play it; may be repeated."
)
@click.option("--mic", is_flag=True, help="Play what this computer's microphone hears.")
@click.option("--pty", is_flag=True, help="Offer the serial port as a pseudo-terminal.")
@click.option("--tcp", type=click.IntRange(0, 65535), help="Offer the serial port on this loopback TCP port.")
@click.option(
    "--speed", default=1.0, show_default=True, type=click.FloatRange(min=0.01), help="Times real time."
)
@click.option("--engine", default="unicorn", show_default=True, type=click.Choice(["unicorn", "renode"]))
@click.option("--expect", help="Exit with 1 unless this label was heard, or `none` for nothing.")
@click.option("--within", type=Seconds(), help="--expect counts only this long after the sound began.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write the outcome as JUnit XML.")
@click.option("--json", "as_json", is_flag=True, help="Print the run as JSON.")
@click.option("--trace", type=click.Path(path_type=Path), help="Write every function entered to this file.")
@click.option("--flash", type=click.Path(path_type=Path), help="Keep what the board saves in this file.")
@click.option("--gdb", type=click.IntRange(0, 65535), help="Wait for GDB on this loopback TCP port.")
def command(
    model: str, elf: Path | None, wavs: tuple[Path, ...], mic: bool, pty: bool, tcp: int | None, speed: float,
    engine: str, expect: str | None, within: float | None, junit: Path | None, as_json: bool,
    trace: Path | None, flash: Path | None, gdb: int | None,
) -> None:  # fmt: skip
    """Run the firmware on the simulated board and print its serial lines."""
    live = pty or tcp is not None or mic or gdb is not None
    if flash and not (pty or tcp is not None or mic):
        raise click.UsageError("--flash goes with --pty, --tcp or --mic")
    if live and (expect or junit or as_json or engine == "renode"):
        raise click.UsageError("--expect, --junit, --json and --engine renode go with --wav alone")
    sounds = [(path, clips.read(path)) for path in wavs]
    for path, clip in sounds:
        if clip.note:
            click.echo(f"{path}: {clip.note}", err=True)
    image = elf or build_image(model)
    samples = arrange([clip.samples for _, clip in sounds])
    if engine == "renode":
        run = in_renode(image, samples, as_json)
    elif gdb is not None:
        debug(image, samples, gdb)
        return
    elif live:
        serve(image, samples, pty, tcp, mic, speed, flash)
        return
    else:
        run = simulate(image, samples, as_json, trace)
    verdict = judge(run, expect, within)
    if junit:
        write_junit(junit, expect, verdict)
    if as_json:
        heard = [(found.label, found.score, found.ms) for found in run.heard]
        outcome = {"expected": expect, "as_expected": verdict is None}
        click.echo(json.dumps({**run.__dict__, "heard": heard, **outcome}))
    if verdict:
        raise EarkitError(verdict, "the lines above are all that the board said")


def arrange(sounds: list[Samples]) -> Samples:
    """The sounds one after another, in a quiet room before, between and after; always the same."""
    rng = np.random.default_rng(0)
    lead, tail = (round(seconds * clips.SAMPLE_RATE) for seconds in (LEAD, TAIL))
    parts = [part for sound in sounds for part in (sound, noise.quiet_room(rng, tail))]
    return np.concatenate([noise.quiet_room(rng, lead), *parts])


def simulate(image: Path, samples: Samples, quiet: bool, trace: Path | None) -> Playback:
    """Play `samples` to the simulated board; print its lines as they come unless `quiet`."""
    said = (lambda _: None) if quiet else click.echo
    if trace is None:
        return play(image, samples, said, warn)
    with replacing(trace) as temporary, temporary.open("w") as file:
        return play(image, samples, said, warn, traced=lambda line: print(line, file=file))


def in_renode(image: Path, samples: Samples, quiet: bool) -> Playback:
    """The same in Renode."""
    from earkit.simulator.renode import RenodeBoard

    text, seconds = "", len(samples) / clips.SAMPLE_RATE + RENODE_TAIL
    with RenodeBoard(image) as board:
        board.play(samples)
        while board.time < seconds:
            part = board.run(min(RENODE_SLICE, seconds - board.time)).decode(errors="replace")
            text += part
            if not quiet:
                click.echo(part.replace("\r\n", "\n"), nl=False)
    return Playback(text.splitlines())


def warn(text: str) -> None:
    click.echo(f"simulator: {text}", err=True)


def judge(run: Playback, expect: str | None, within: float | None) -> str | None:
    """What was not as expected, or None."""
    if expect is None:
        return None
    limit = float("inf") if within is None else (LEAD + within) * 1000
    labels = [found.label for found in run.heard if found.ms <= limit]
    said = ", ".join(labels) or "nothing"
    if expect == "none":
        return f"expected silence, the board heard {said}" if labels else None
    return None if expect in labels else f"expected {expect}, the board heard {said}"


def write_junit(path: Path, expect: str | None, verdict: str | None) -> None:
    junitparser = require("junitparser", "sim")
    case = junitparser.TestCase(f"hears {expect}" if expect else "runs", classname="earkit.simulate")
    if verdict:
        case.result = [junitparser.Failure(verdict)]
    suite = junitparser.TestSuite("earkit")
    suite.add_testcase(case)
    document = junitparser.JUnitXml()
    document.add_testsuite(suite)
    with replacing(path) as temporary:
        document.write(str(temporary))


def debug(image: Path, samples: Samples, port: int) -> None:
    """Let GDB drive the board; what the board sends is printed."""
    from earkit.simulator.board import SimulatedBoard
    from earkit.simulator.gdb import GdbServer

    board = SimulatedBoard(image, warn=warn)
    board.play(samples)
    board.on_serial = lambda data: click.echo(data.decode(errors="replace").replace("\r\n", "\n"), nl=False)
    server = GdbServer(board, port)
    click.echo(f"in gdb-multiarch: file {image}\n                  target remote :{server.port}")
    try:
        server.serve()
    finally:
        server.close()


def serve(
    image: Path,
    samples: Samples,
    pty: bool,
    tcp: int | None,
    mic: bool,
    speed: float,
    flash: Path | None,
) -> None:
    """Offer the serial port to other programs until Ctrl-C; with --mic alone, print it."""
    from earkit.simulator.board import SimulatedBoard
    from earkit.simulator.terminal import PrintLine, PtyLine, TcpLine, Terminal

    board = SimulatedBoard(image, warn=warn, flash=flash)
    board.play(samples)
    board.run(BOOT)
    line = TcpLine(tcp) if tcp is not None else PtyLine() if pty else PrintLine()
    with Terminal(board, line, speed) as terminal:
        if line.url:
            click.echo(f"the board's serial port is {line.url} (Ctrl-C ends)")
        if not mic:
            terminal.serve()
            return
        from earkit.audio.microphone import listening

        with listening(board.play):
            terminal.serve()
