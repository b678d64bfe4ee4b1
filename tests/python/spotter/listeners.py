"""Everything that turns samples into words, each built from the C of a folder that may have been changed."""

import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from earkit.spotter.simulated import heard_in

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
CORE = ("core/frontend", "core/kernels", "core/recognizer", "core/spotter", "core/link", "boards/native")
APP = ("app/console", "app/spotter")
Words = list[tuple[str, int, int]]
"""label, score, ms"""


@dataclass(frozen=True)
class Given:
    firmware: Path
    """A copy of firmware/, or the one of the checkout."""
    model: Path
    """The .tflite."""
    labels: tuple[str, ...]
    exported: Path
    """Its folder of C."""
    sound: Path
    """Raw samples."""
    build: Path
    """Where to build."""


def _objects(firmware: Path, sources: list[Path], include: list[Path], build: Path) -> list[Path]:
    """Each source compiled, two at a time."""
    build.mkdir(parents=True, exist_ok=True)
    core = [firmware / part for part in ("core", "boards", "boards/native", "app/spotter", "app/sketch")]
    flags = [f"-I{folder}" for folder in (*core, *include)]

    def compiled(numbered: tuple[int, Path]) -> Path:
        number, source = numbered
        language = ["g++", "-std=c++17"] if source.suffix == ".cpp" else ["gcc", "-std=gnu11"]
        target = build / f"{number}-{source.stem}.o"
        subprocess.run([*language, "-O1", *flags, "-c", str(source), "-o", str(target)], check=True)
        return target

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(compiled, enumerate(sources)))


@functools.cache
def _parts(firmware: Path) -> dict[str, list[Path]]:
    """What knows no model, compiled once: by who needs it."""
    build = Path(tempfile.mkdtemp(prefix="earkit-parts-"))
    atexit.register(shutil.rmtree, build, True)
    core = [file for part in CORE for file in sorted((firmware / part).glob("*.c"))]
    app = [file for part in APP for file in sorted((firmware / part).glob("*.c"))]
    own = [HERE / "native_sketch.cpp", firmware / "app/sketch/Earkit.cpp"]
    return {
        "core": _objects(firmware, core, [], build / "core"),
        "firmware": _objects(firmware, app, [], build / "app"),
        "sketch": _objects(firmware, own, [], build / "sketch"),
    }


def _linked(given: Given, name: str) -> Path:
    engine = given.firmware / "engines/compiled/engine.c"
    sources = [engine, given.exported / "model.c", given.exported / "model_info.c"]
    model = _objects(given.firmware, sources, [given.exported], given.build / name)
    parts, program = _parts(given.firmware), given.build / name / "program"
    objects = [str(file) for file in (*parts[name], *parts["core"], *model)]
    subprocess.run(["g++", *objects, "-lm", "-o", str(program)], check=True)
    return program


def _run(program: Path, given: Given) -> Words:
    environment = {**os.environ, "EARKIT_SOUND": str(given.sound)}
    said = subprocess.run(
        [program], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True
    )
    return [(one.label, one.score, one.ms) for one in heard_in(said.stdout.decode().splitlines())]


def firmware(given: Given) -> Words:
    """The application of the board, on this computer."""
    return _run(_linked(given, "firmware"), given)


def sketch(given: Given) -> Words:
    """The Arduino library's class, on this computer."""
    return _run(_linked(given, "sketch"), given)


@functools.cache
def _host(given: Given) -> dict[str, Words]:
    """Each way of the host, in a process of its own with the Python module of the C that was given."""
    module = given.build / "_core.so"
    if given.firmware != ROOT / "firmware":
        _build_module(given, module)
    arguments = [str(module) if module.exists() else "", str(given.model), ",".join(given.labels)]
    command = [sys.executable, str(HERE / "host_listener.py"), *arguments, str(given.sound)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {way: [tuple(one) for one in words] for way, words in json.loads(done.stdout).items()}


def _build_module(given: Given, module: Path) -> None:
    root = given.build / "root"
    shutil.copytree(given.firmware / "core", root / "firmware/core")
    builder = root / "build_core.py"
    builder.write_text((ROOT / "host/earkit/core/build_core.py").read_text())
    code = "import build_core as b; print(b.ffibuilder.compile('.'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shutil.move(done.stdout.strip().splitlines()[-1], module)


def host_batch(given: Given) -> Words:
    """What `evaluate` judges by."""
    return _host(given)["batch"]


def host_blocks(given: Given) -> Words:
    """Block by block."""
    return _host(given)["blocks"]


def monitor(given: Given) -> Words:
    """What `earkit listen` reports."""
    return _host(given)["monitor"]


NATIVE: dict[str, Callable[[Given], Words]] = {
    each.__name__: each for each in (firmware, sketch, host_batch, host_blocks, monitor)
}
