"""The Arduino library: complete, the same version as Earkit, and never written over somebody's files."""

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from earkit import __version__, paths
from earkit.toolchain import arm
from earkit.toolchain.arduino_library import library_files, write_folder, write_zip

MODEL = paths.kit() / "models/micro_speech/c"


def test_the_versions_are_earkits() -> None:
    files = library_files(MODEL)
    assert json.loads(files["library.json"])["version"] == __version__
    assert f"version={__version__}\n".encode() in files["library.properties"]


def test_every_header_that_is_asked_for_is_there() -> None:
    files = library_files(MODEL)
    sources = {name: text.decode() for name, text in files.items() if name.startswith("src/")}
    outside = {"PDM.h"}
    for name, text in sources.items():
        for wanted in re.findall(r'#include "([^"]+)"', text):
            beside = (Path(name).parent / wanted).as_posix()
            assert {beside, f"src/{wanted}"} & set(sources) or wanted in outside, f"{name}: {wanted}"


@pytest.mark.skipif(not shutil.which("arm-none-eabi-gcc"), reason="arm-none-eabi-gcc is not installed")
def test_its_c_compiles_with_src_as_the_only_include_path(tmp_path: Path) -> None:
    write_folder(MODEL, tmp_path)
    for source in sorted((tmp_path / "src").rglob("*.c")):
        command = ["arm-none-eabi-gcc", *arm.flags().cpu, "-std=gnu11", "-Wall", "-Wextra", "-Werror",
                   f"-I{tmp_path / 'src'}", "-fsyntax-only", str(source)]  # fmt: skip
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr


def test_the_zip_is_one_folder_and_repeats(tmp_path: Path) -> None:
    write_zip(MODEL, tmp_path / "a.zip")
    write_zip(MODEL, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    names = zipfile.ZipFile(tmp_path / "a.zip").namelist()
    assert {name.split("/")[0] for name in names} == {"Earkit"}
    assert {"Earkit/library.properties", "Earkit/src/Earkit.h", "Earkit/src/model.c"} <= set(names)
