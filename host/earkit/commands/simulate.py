"""earkit simulate: run the firmware on the simulated board."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from earkit.audio import clips
from earkit.audio.clips import Samples
from earkit.audio.room import LEAD_SECONDS, in_quiet_room
from earkit.commands._grammar import FILE, NEW_FILE, Given, json_option, model_and_sounds, subcommand
from earkit.commands._terminal import detection, print_json
from earkit.errors import EarkitError, require
from earkit.files import replacing
from earkit.spotter.heard import unexpected
from earkit.spotter.image import build_image
from earkit.spotter.serial import SIMULATED
from earkit.spotter.simulated import Playback, play, play_in_renode


class Seconds(click.ParamType[float]):
    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return float(str(value).removesuffix("s"))
        except ValueError:
            self.fail(f"{value} is not a time such as 3s", param, ctx)


@subcommand(
    "simulate",
    "earkit simulate yes.wav",
    "earkit simulate my.tflite yes.wav --expect yes --within 3s",
)
@model_and_sounds(folders=True)
@click.option("--elf", type=FILE, help="Run this image instead of building one.")
@click.option("--mic", is_flag=True, help="Play what this computer's microphone hears.")
@click.option("--pty", is_flag=True, help="Offer the serial port as a pseudo-terminal.")
@click.option("--tcp", type=click.IntRange(0, 65535), help="Offer the serial port on this loopback TCP port.")
@click.option(
    "--speed", default=1.0, show_default=True, type=click.FloatRange(min=0.01), help="Times real time."
)
@click.option(
    "--simulator",
    default="unicorn",
    show_default=True,
    type=click.Choice(["unicorn", "renode"]),
    help="Who runs it.",
)
@click.option("--expect", help="Exit with 1 unless this label was heard, or `none` for nothing.")
@click.option("--within", type=Seconds(), help="--expect counts only this long after the sound began.")
@click.option("--junit", type=NEW_FILE, help="Write the outcome as JUnit XML.")
@click.option("--trace", type=NEW_FILE, help="Write every function entered to this file.")
@click.option("--keep", type=NEW_FILE, help="With --pty, --tcp or --mic: keep its flash in this file.")
@click.option("--gdb", type=click.IntRange(0, 65535), help="Wait for GDB on this loopback TCP port.")
@json_option
def command(
    given: Given, elf: Path | None, mic: bool, pty: bool, tcp: int | None, speed: float,
    simulator: str, expect: str | None, within: float | None, junit: Path | None, as_json: bool,
    trace: Path | None, keep: Path | None, gdb: int | None,
) -> None:  # fmt: skip
    """Run the firmware on the simulated board and print its lines.

    The board hears the recordings SOUND, WAV or FLAC files, one after another in a quiet room. MODEL is a
    .tflite, an exported folder or the name of a model that ships.
    """
    is_served = pty or tcp is not None or mic
    if keep and not is_served:
        raise click.UsageError("--keep goes with --pty, --tcp or --mic")
    if (is_served or gdb is not None) and (expect or junit or as_json or simulator == "renode"):
        raise click.UsageError("--expect, --junit, --json and --simulator renode go with recordings alone")
    sounds = [(path, clips.read(path)) for path in given.sounds]
    for path, clip in sounds:
        if clip.note:
            click.echo(f"{path}: {clip.note}", err=True)
    image = elf or build_image(given.model)
    samples = in_quiet_room([clip.samples for _, clip in sounds])
    if gdb is not None:
        debug(image, samples, gdb)
    elif is_served:
        offer(image, samples, pty, tcp, mic, speed, keep)
    else:
        run = simulate(image, samples, simulator, as_json, trace)
        report(run, expect, within, junit, as_json)


def simulate(image: Path, samples: Samples, simulator: str, quiet: bool, trace: Path | None) -> Playback:
    """Play `samples` to the simulated board; print its lines as they come unless `quiet`."""
    said = (lambda _: None) if quiet else click.echo
    if simulator == "renode":
        return play_in_renode(image, samples, said)
    if trace is None:
        return play(image, samples, said, warn)
    with replacing(trace) as temporary, temporary.open("w") as file:
        return play(image, samples, said, warn, traced=lambda line: print(line, file=file))


def report(
    run: Playback, expect: str | None, within: float | None, junit: Path | None, as_json: bool
) -> None:
    """Say how it went; raise EarkitError when it was not as expected."""
    until = float("inf") if within is None else (LEAD_SECONDS + within) * 1000
    verdict = None if expect is None else unexpected(run.heard, expect, until)
    if junit:
        write_junit(junit, expect, verdict)
    if as_json:
        heard = [detection(found, SIMULATED) for found in run.heard]
        outcome = {"expected": expect, "as_expected": verdict is None}
        print_json({**asdict(run), "heard": heard, **outcome})
    if verdict:
        raise EarkitError(verdict, "the lines above are all that the board said")


def warn(text: str) -> None:
    click.echo(f"simulator: {text}", err=True)


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


def offer(
    image: Path, samples: Samples, pty: bool, tcp: int | None, mic: bool, speed: float, keep: Path | None
) -> None:
    """Offer the serial port to other programs until Ctrl-C; with --mic alone, print it."""
    from earkit.audio.microphone import listening
    from earkit.simulator.serve import serve
    from earkit.simulator.terminal import PrintLine, PtyLine, TcpLine

    def ready(url: str) -> None:
        if url:
            click.echo(f"the board's serial port is {url} (Ctrl-C ends)")

    line = TcpLine(tcp) if tcp is not None else PtyLine() if pty else PrintLine()
    hearing = {"hearing": listening} if mic else {}
    serve(image, samples, line, ready, speed=speed, flash=keep, warn=warn, **hearing)
