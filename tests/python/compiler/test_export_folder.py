"""What `earkit export` writes: complete, repeatable, without a warning, safe whatever the labels."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from earkit import paths
from earkit.compiler.ctext import c_string
from earkit.compiler.export import export_model
from earkit.errors import EarkitError, ModelError

FILES = [
    *("model.c", "model.h", "model.json", "model_data.c", "model_data.h", "model_info.c", "model_tflm.h"),
    *("report.json", "report.md"),
]
NASTY = [
    *('say "hi"', "back\\slash", "new\nline", "??/trigraph", "häuser 家"),
    *("*/ int x; /*", "\x07\x7f1", "%s%n"),
]


@pytest.fixture
def micro_speech(tflm_micro_speech: Path) -> Path:
    return tflm_micro_speech / "models/micro_speech_quantized.tflite"


def compile_c(folder: Path, *extra: str) -> None:
    core, engine = paths.kit() / "firmware/core", paths.kit() / "firmware/engines/compiled/engine.c"
    for source in ("model.c", "model_data.c", "model_info.c", str(engine)):
        for level in ("-O2", "-Os"):
            command = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", level, f"-I{folder}", f"-I{core}",
                       "-c", str(folder / source), "-o", "/dev/null", *extra]  # fmt: skip
            subprocess.run(command, check=True)


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_folder(micro_speech: Path, tmp_path: Path) -> None:
    report = export_model(micro_speech, tmp_path / "a")
    export_model(micro_speech, tmp_path / "b")
    names = sorted(file.name for file in (tmp_path / "a").iterdir() if file.suffix != ".png")
    assert names == FILES
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name
    assert report.labels == ("silence", "unknown", "yes", "no")
    assert report.macs == 336_000
    compile_c(tmp_path / "a")
    raw = json.loads((tmp_path / "a/report.json").read_text())
    assert raw["arena_bytes"] >= raw["arena_lower_bound"] > 0


def test_data_is_the_file(micro_speech: Path, tmp_path: Path) -> None:
    export_model(micro_speech, tmp_path)
    listed = re.findall(r"0x([0-9a-f]{2}),", (tmp_path / "model_data.c").read_text())
    assert bytes.fromhex("".join(listed)) == micro_speech.read_bytes()


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_labels_survive_the_c_compiler(tmp_path: Path) -> None:
    for flags in ([], ["-trigraphs"]):
        prints = "".join(f"fputs({c_string(label)}, stdout); putchar(0);" for label in NASTY)
        (tmp_path / "p.c").write_text(f"#include <stdio.h>\nint main(void) {{ {prints} return 0; }}\n")
        subprocess.run(
            ["gcc", "-std=c11", "-Wall", "-Werror", *flags, "p.c", "-o", "p"], cwd=tmp_path, check=True
        )
        out = subprocess.run([tmp_path / "p"], capture_output=True, check=True).stdout
        assert out.decode().split("\0")[:-1] == NASTY


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_nasty_names_in_the_folder(micro_speech: Path, tmp_path: Path) -> None:
    model = tmp_path / 'we"ird *\\ name??.tflite'
    shutil.copy(micro_speech, model)
    export_model(model, tmp_path / "out", [NASTY[0], NASTY[1], NASTY[3], NASTY[5]])
    compile_c(tmp_path / "out", "-trigraphs")
    assert json.loads((tmp_path / "out/model.json").read_text())["name"] == model.stem


@pytest.mark.parametrize("label", ["new\nline", "\x07bell", "", "\ud800", "x" * 65])
def test_labels_that_no_terminal_should_get(micro_speech: Path, tmp_path: Path, label: str) -> None:
    with pytest.raises(EarkitError, match="label"):
        export_model(micro_speech, tmp_path / "out", ["silence", "unknown", label, "no"])
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("labels", [["a", "b"], [], ["x"] * 5])
def test_labels_that_do_not_fit(micro_speech: Path, tmp_path: Path, labels: list[str]) -> None:
    with pytest.raises(ModelError, match="4 outputs"):
        export_model(micro_speech, tmp_path / "out", labels)
    assert not (tmp_path / "out").exists()


def test_out_is_a_file(micro_speech: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(EarkitError, match="cannot write"):
        export_model(micro_speech, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"
