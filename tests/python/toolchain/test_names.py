"""A model's folder may have any name: none reaches a shell or becomes an option."""

import shutil
from pathlib import Path

import pytest

from earkit import paths
from earkit.core.compiled import CompiledModel
from earkit.toolchain import platformio

NAMES = ["b`touch PWNED`", "q'u\"ote", "$(touch PWNED)", "two  words", "c,omma#${x}%", "-dash"]


@pytest.mark.usefixtures("arm_gcc")
@pytest.mark.parametrize("name", NAMES)
def test_a_folder_of_any_name_builds(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(paths.kit() / "models/micro_speech/c", tmp_path / name)
    image = platformio.build("sim", Path(name))
    assert image.is_file()
    assert not list(image.parents[2].rglob("PWNED")) and not list(tmp_path.rglob("PWNED"))
    CompiledModel(Path(name))
