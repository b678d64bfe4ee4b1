"""earkit new and export --arduino, as a person meets them."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from earkit import paths

MODEL = paths.kit() / "models/micro_speech/micro_speech.tflite"


def earkit(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "earkit", *map(str, words)], capture_output=True, text=True, check=False
    )


def test_a_new_project_and_again_with_its_own_main(tmp_path: Path) -> None:
    project = tmp_path / "my project"
    assert earkit("new", project).returncode == 0
    main = project / "src/main.cpp"
    assert "Earkit.begin()" in main.read_text() and (project / "lib/Earkit/src/model.c").is_file()
    main.write_text("// mine\n")
    (project / "lib/Earkit/src/model.c").unlink()
    assert earkit("new", project).returncode == 0
    assert main.read_text() == "// mine\n" and (project / "lib/Earkit/src/model.c").is_file()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    result = earkit("new", tmp_path)
    assert result.returncode == 1 and "is not empty and no PlatformIO project" in result.stderr
    assert result.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("with_folder", [False, True])
def test_export_arduino(tmp_path: Path, with_folder: bool) -> None:
    out = ["--out", tmp_path / "c"] if with_folder else []
    result = earkit("export", MODEL, "--arduino", tmp_path / "Earkit.zip", *out)
    assert result.returncode == 0, result.stderr
    assert "Earkit/src/model.c" in zipfile.ZipFile(tmp_path / "Earkit.zip").namelist()
    assert (tmp_path / "c/model.c").exists() == with_folder


def test_export_says_that_it_wants_a_place() -> None:
    result = earkit("export", MODEL)
    assert result.returncode != 0 and "--out DIR, --arduino FILE.zip" in result.stderr
