"""earkit build, doctor and clean, as a person runs them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PYTHON = [sys.executable, "-m", "earkit"]


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PYTHON, *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | variables,
        check=False,
    )


@pytest.mark.usefixtures("arm_gcc")
def test_build_shows_the_parts() -> None:
    result = run("build")
    assert result.returncode == 0, result.stderr
    assert Path(result.stdout.splitlines()[-1]).is_file()
    rows = {line.split("  ")[0]: line.split()[-2:] for line in result.stdout.splitlines()[1:-1]}
    flash = [int(row[0].replace(",", "")) for name, row in rows.items() if name not in ("stack", "in all")]
    assert sum(flash) == int(rows["in all"][0].replace(",", ""))


def test_build_of_a_model_that_is_not_there() -> None:
    result = run("build", "--model", "no-such-model")
    assert result.returncode == 1 and len(result.stderr.splitlines()) == 1
    assert "no-such-model" in result.stderr and "one of" in result.stderr


@pytest.mark.usefixtures("arm_gcc")
@pytest.mark.parametrize("after", [0, 0.3, 0.6])
def test_build_stopped_goes_on_later(tmp_path: Path, after: float) -> None:
    """By Ctrl-C, `after` seconds from when it first wrote something."""
    cache = {"XDG_CACHE_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [*PYTHON, "build"], env=os.environ | cache, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not list(tmp_path.iterdir()):
        time.sleep(0.01)
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=240)
    if process.returncode != 0:
        assert process.returncode == 130 and said.splitlines()[-1] == "earkit: stopped"
    assert run("build", **cache).returncode == 0


def test_doctor_finds_what_is_here() -> None:
    result = run("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    missing = [name for name, check in checks.items() if check["is_needed"] and not check["found"]]
    assert result.returncode == (1 if missing else 0)
    assert checks["Python"]["found"] == sys.version.split()[0]
    if shutil.which("make"):
        assert checks["make"]["found"][0].isdigit()


def test_doctor_names_what_is_missing(tmp_path: Path) -> None:
    result = run("doctor", PATH=str(tmp_path), COLUMNS="200")
    assert result.returncode == 1
    assert "sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi" in result.stdout
    assert "missing: gcc, make, Arm compiler" in result.stderr.splitlines()[-1]


def test_clean(tmp_path: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(bytes(1000))
    for folder in ("platformio/sim-1", "voices"):
        place = tmp_path / "cache" / "earkit" / folder
        place.mkdir(parents=True)
        (place / "file").write_bytes(bytes(2_000_000))
        (place / "link").symlink_to(outside)
    assert "removed 2.0 MB" in (first := run("clean", **cache)).stdout and "2.0 MB kept" in first.stdout
    assert (tmp_path / "cache/earkit/voices/file").exists()
    assert "removed 2.0 MB" in run("clean", "--all", **cache).stdout
    assert list((tmp_path / "cache/earkit").iterdir()) == []
    assert (outside / "kept").exists()
