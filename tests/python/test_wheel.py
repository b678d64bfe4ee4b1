"""The wheel: what git tracks of the package and the kit is in it, and it works where there is no checkout."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KIT = ("firmware/", "models/", "platformio.ini")


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from what git tracks alone: nothing that only lies about in this checkout gets in."""
    source, dist = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", dist, source]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if "No matching distribution" in built.stderr or "Could not find a version" in built.stderr:
        pytest.skip("setuptools cannot be fetched")
    assert built.returncode == 0, built.stderr
    (found,) = dist.glob("earkit-*.whl")
    return found


def test_holds_the_package_and_the_kit(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    for name in tracked():
        if name.startswith(KIT):
            assert held[f"earkit/kit/{name}"] == (ROOT / name).read_bytes()
        elif name.startswith("host/"):
            assert held[name.removeprefix("host/")] == (ROOT / name).read_bytes()
    assert {"earkit/core/_core.abi3.so", "earkit/simulator/_counter.abi3.so"} <= held.keys()
    ours = [name for name in held if not name.startswith("earkit-")]
    expected = sum(name.startswith((*KIT, "host/")) for name in tracked()) + 2
    assert len(ours) == expected


def test_exports_from_an_empty_folder_and_keeps_to_it(
    wheel: Path, tflm_micro_speech: Path, tmp_path: Path
) -> None:
    """Dependencies are this environment's; the package itself is the wheel's and may not be written to."""
    place = tmp_path / "venv"
    venv.create(place, with_pip=False)
    (site,) = (place / "lib").glob("python3*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    outside = [path for path in sys.path if path.endswith("site-packages")]
    (site / "dependencies.pth").write_text("".join(f"{path}\n" for path in outside))
    before = listing(site)
    empty, home = tmp_path / "empty", tmp_path / "home"
    empty.mkdir()
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*words: object) -> str:
        command = [place / "bin/python", "-m", "earkit", *map(str, words)]
        done = subprocess.run(
            command, cwd=empty, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = subprocess.run(
        [place / "bin/python", "-c", "from earkit import paths; print(paths.kit())"],
        capture_output=True, text=True, check=True, cwd=empty, env=environment,
    )  # fmt: skip
    assert Path(where.stdout.strip()) == site / "earkit/kit"
    run("export", tflm_micro_speech / "models/micro_speech_quantized.tflite", "--out", "c")
    assert {path.name for path in empty.iterdir()} == {"c"}
    assert (empty / "c/model.c").is_file()
    assert all(Path(path).is_relative_to(home / ".cache") for path in listing(home))
    assert listing(site) == before


def listing(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
