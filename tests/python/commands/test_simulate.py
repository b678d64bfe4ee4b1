"""`earkit simulate` as a person runs it, with TFLM's model and recordings."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import serial
import soundfile

from earkit.spotter.image import build_image

HOST = Path(__file__).parents[3] / "host"
COMMAND = [sys.executable, "-m", "earkit", "simulate"]
HEARD_YES = re.compile(r"Heard yes \(\d+\) @\d+ms")
Result = subprocess.CompletedProcess[str]
Simulate = Callable[..., Result]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HOST)}


@pytest.fixture(scope="module")
def image(tflm_micro_speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The board's image with TFLM's model, built once."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        return build_image(str(tflm_micro_speech / "models/micro_speech_quantized.tflite"))


@pytest.fixture
def simulate(image: Path) -> Simulate:
    def run(*arguments: object) -> Result:
        command = [*COMMAND, "--elf", str(image), *map(str, arguments)]
        return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=240)

    return run


@pytest.fixture
def clip(tflm_micro_speech: Path) -> Callable[[str], Path]:
    return lambda name: tflm_micro_speech / "testdata" / f"{name}_1000ms.wav"


Clip = Callable[[str], Path]


def assert_one_line(result: Result, *said: str, status: int = 1) -> None:
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("earkit: ") and all(part in last for part in said), result.stderr


@pytest.mark.parametrize("word", ["yes", "no"])
def test_hears_a_word(simulate: Simulate, clip: Clip, word: str) -> None:
    result = simulate(clip(word), "--expect", word, "--within", "3s")
    assert result.returncode == 0, result.stderr
    assert re.fullmatch(rf"(Heard {word} \(\d+\) @\d+ms\n)+", result.stdout)


@pytest.mark.parametrize("sound", ["noise", "silence"])
def test_hears_nothing(simulate: Simulate, clip: Clip, sound: str) -> None:
    result = simulate(clip(sound), "--expect", "none")
    assert result.returncode == 0 and result.stdout == "", result.stderr


def test_several_recordings_in_a_row(simulate: Simulate, clip: Clip) -> None:
    result = simulate(clip("yes"), clip("no"))
    assert re.findall(r"Heard (\w+)", result.stdout) == ["yes", "no"], "no digital silence in between"


def test_another_word_is_an_error(simulate: Simulate, clip: Clip) -> None:
    result = simulate(clip("no"), "--expect", "yes")
    assert_one_line(result, "expected yes", "heard no")
    assert "Heard no" in result.stdout


def test_a_word_is_not_silence(simulate: Simulate, clip: Clip) -> None:
    assert_one_line(simulate(clip("yes"), "--expect", "none"), "expected silence", "heard yes")


def test_too_late_is_an_error(simulate: Simulate, clip: Clip) -> None:
    assert_one_line(simulate(clip("yes"), "--expect", "yes", "--within", "0.2s"), "heard nothing")
    assert simulate(clip("yes"), "--within", "soon").returncode == 2


def test_json_twice_the_same(simulate: Simulate, clip: Clip) -> None:
    first, second = (simulate(clip("yes"), "--expect", "yes", "--json") for _ in range(2))
    assert first.stdout == second.stdout
    run = json.loads(first.stdout)
    first, *_ = run["heard"]
    label, score, ms = first["label"], first["score"], first["ms"]
    assert first["board"] == "sim"
    assert label == "yes" and 200 <= score <= 255 and 1000 < ms < 4000
    assert run["lines"][0] == f"Heard yes ({score}) @{ms}ms"
    assert run["as_expected"] is True and run["instructions"] > 1_000_000 and 0 < run["asleep"] < 1


@pytest.mark.parametrize("expected", ["yes", "no"])
def test_junit(simulate: Simulate, clip: Clip, tmp_path: Path, expected: str) -> None:
    file = tmp_path / "reports" / "earkit.xml"
    result = simulate(clip("yes"), "--expect", expected, "--junit", file)
    assert result.returncode == (expected != "yes")
    cases = list(ElementTree.parse(file).iter("testcase"))
    assert [case.get("name") for case in cases] == [f"hears {expected}"]
    failure = cases[0].find("failure")
    assert (failure is None) == (expected == "yes")
    assert failure is None or "expected no" in str(failure.get("message"))


@pytest.mark.parametrize(
    ("subtype", "rate", "channels", "note"),
    [
        ("PCM_16", 16000, 2, "2 channels averaged"),
        ("PCM_16", 44100, 1, "44100 Hz resampled"),
        ("PCM_U8", 16000, 1, "8 bit"),
    ],
)
def test_converts_with_a_note(
    simulate: Simulate, clip: Clip, tmp_path: Path, subtype: str, rate: int, channels: int, note: str
) -> None:
    wave, _ = soundfile.read(clip("yes"))
    times = np.arange(round(len(wave) * rate / 16000)) / rate
    other = np.interp(times, np.arange(len(wave)) / 16000, wave)
    file = tmp_path / "yes.wav"
    soundfile.write(file, np.repeat(other[:, None], channels, axis=1), rate, subtype=subtype)
    result = simulate(file, "--expect", "yes")
    assert result.returncode == 0, result.stderr
    assert len(result.stderr.splitlines()) == 1 and note in result.stderr


def test_a_cut_recording_is_played_as_far_as_it_goes(simulate: Simulate, clip: Clip, tmp_path: Path) -> None:
    file = tmp_path / "cut.wav"
    file.write_bytes(clip("noise").read_bytes()[:10000])
    result = simulate(file, "--expect", "none")
    assert result.returncode == 0 and "cut short" in result.stderr


@pytest.mark.parametrize("content", [None, b"", b"RIFF", b"no sound at all" * 100, "header only"])
def test_a_bad_recording_is_one_line(simulate: Simulate, tmp_path: Path, content: bytes | str | None) -> None:
    file = tmp_path / "bad.wav"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        soundfile.write(file, np.zeros(0, np.int16), 16000)
    assert_one_line(simulate(file), "bad.wav", status=2 if content is None else 1)


def test_a_bad_image_is_one_line(tmp_path: Path, clip: Clip) -> None:
    file = tmp_path / "bad.elf"
    file.write_bytes(b"\x7fELF and no more")
    command = [*COMMAND, "--elf", str(file), str(clip("yes"))]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=240)
    assert_one_line(result, "bad.elf")


def test_without_renode_it_is_one_line(simulate: Simulate, clip: Clip) -> None:
    if shutil.which("renode"):
        pytest.skip("Renode is installed")
    assert_one_line(simulate(clip("yes"), "--simulator", "renode"), "https://renode.io")


def test_live_and_checked_do_not_mix(simulate: Simulate) -> None:
    result = simulate("--pty", "--expect", "yes")
    assert result.returncode == 2 and "--expect" in result.stderr


@contextmanager
def live(image: Path, *arguments: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A simulation that runs on; yields the URL that it printed."""
    process = subprocess.Popen(
        [*COMMAND, "--elf", str(image), *map(str, arguments)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        found = re.search(r"serial port is (\S+)", process.stdout.readline())
        assert found, process.communicate()[1]
        yield found[1], process
    finally:
        process.kill()
        process.communicate()


def first_line(url: str) -> str:
    with serial.serial_for_url(url, timeout=240) as port:
        return str(port.readline().decode()).strip()


def test_any_serial_program_reads_the_pty(image: Path, clip: Clip) -> None:
    with live(image, "--pty", clip("yes")) as (url, process):
        assert HEARD_YES.fullmatch(first_line(url))
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=240)
        assert process.returncode == 130 and "Traceback" not in error
        assert not Path(url).exists(), "the port goes with the board"


def test_the_board_answers_over_tcp_to_one_after_another(image: Path) -> None:
    with live(image, "--tcp", 0, "--speed", 4) as (url, _):
        for _ in range(2):
            with serial.serial_for_url(url, timeout=240) as port:
                port.write(b"stats\n")
                assert json.loads(port.readline())["reset"] == "power"


def test_a_taken_tcp_port_is_one_line(image: Path, simulate: Simulate) -> None:
    with live(image, "--tcp", 0) as (url, _):
        assert_one_line(simulate("--tcp", url.rpartition(":")[2]), "cannot listen")


def test_speed_is_times_real_time(image: Path, clip: Clip) -> None:
    with live(image, "--pty", clip("yes"), "--speed", 0.5) as (url, _):
        began = time.monotonic()
        assert HEARD_YES.fullmatch(first_line(url))
        assert time.monotonic() - began > 3, "2.4 s of sound take nearly 5 s at half speed"


def test_interrupted_while_it_listens(image: Path, clip: Clip, tmp_path: Path) -> None:
    file = tmp_path / "long.wav"
    yes, _ = soundfile.read(clip("yes"), dtype="int16")
    soundfile.write(file, np.concatenate([yes, np.zeros(16000 * 600, np.int16)]), 16000)
    process = subprocess.Popen(
        [*COMMAND, "--elf", str(image), str(file)],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout and "Heard yes" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=240)
    assert process.returncode == 130 and "Traceback" not in error


def test_a_firmware_that_does_not_listen_ends(clip: Clip) -> None:
    """A model that is no spotter: the board says why, and nobody waits for ever."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    done = subprocess.run(
        [*COMMAND, "regression", str(clip("yes"))],
        env=environment(), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 1
    assert "the model does not fit" in done.stdout
    assert done.stderr.startswith("earkit: the firmware does not listen") and done.stderr.count("\n") == 1
