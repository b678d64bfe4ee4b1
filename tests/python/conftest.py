"""The application on this computer, behind a real pseudo-terminal."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "firmware"
CC = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-O1"]
NOBODY = 65534
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


@pytest.fixture
def a_user(tmp_path: Path) -> Iterator[None]:  # noqa: ARG001 - which is root's, and made before
    """The test runs as somebody who may not open everything, also where it is root who tests."""
    before = os.getresuid()
    if os.geteuid() == 0:
        os.setresuid(NOBODY, NOBODY, 0)
    yield
    os.setresuid(*before)


@pytest.fixture(scope="session")
def compile_c(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compile C with the sanitizers into a program."""
    folder = tmp_path_factory.mktemp("native")

    def run(name: str, *sources: Path) -> Path:
        include = [f"-I{FIRMWARE / part}" for part in ("core", "boards", "boards/native", "app/spotter")]
        program = folder / name
        subprocess.run([*CC, *SANITIZE, *include, *map(str, sources), "-lm", "-o", str(program)], check=True)
        return program

    return run


ENGINE = ROOT / "tests" / "firmware" / "loudness_engine.c"


@pytest.fixture(scope="session")
def spotter(compile_c: Callable[..., Path]) -> Path:
    """The spotter for this computer, with the loudness engine of tests/firmware."""
    return compile_c("spotter", *spotter_sources(), ENGINE)


def spotter_sources() -> list[Path]:
    folders = [
        "core/link",
        "core/frontend",
        "core/recognizer",
        "core/spotter",
        "boards/native",
        "app/console",
        "app/spotter",
    ]
    return [file for folder in folders for file in sorted((FIRMWARE / folder).glob("*.c"))]


@pytest.fixture(scope="session")
def two_words_spotter(compile_c: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, for the words "hey robot" and "да"."""
    engine = tmp_path_factory.mktemp("engine") / "engine.c"
    engine.write_text(ENGINE.read_text().replace('"yes", "no"', '"hey robot", "да"'))
    return compile_c("two_words", *spotter_sources(), engine)


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of sound: 1.5 s of silence and 0.5 s of noise, by turns, as raw samples."""
    samples = np.zeros((30, 32000), np.int16)
    samples[:, 24000:] = np.random.default_rng(7).integers(-20000, 20000, (30, 8000))
    path = tmp_path_factory.mktemp("sound") / "bursts.raw"
    path.write_bytes(samples.astype("<i2").tobytes())
    return path


@pytest.fixture
def start_board(spotter: Path, sound: Path) -> Iterator[Callable[..., tuple[str, subprocess.Popen[bytes]]]]:
    """Start a board in real time; returns its port's name and its process."""
    running: list[subprocess.Popen[bytes]] = []

    def start(program: Path = spotter) -> tuple[str, subprocess.Popen[bytes]]:
        environment = {**os.environ, "EARKIT_SOUND": str(sound), "EARKIT_PTY": "1"}
        process = subprocess.Popen([program], env=environment, stderr=subprocess.PIPE)
        running.append(process)
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(b"port: "):
                return line.split()[1].decode(), process
        raise AssertionError("the board has no port")

    yield start
    for process in running:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


@pytest.fixture
def board(start_board: Callable[[], tuple[str, subprocess.Popen[bytes]]]) -> str:
    """The port of a running board."""
    return start_board()[0]
