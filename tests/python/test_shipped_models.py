"""What ships in models/: the committed C is what the exporter makes of the committed .tflite."""

from pathlib import Path

import pytest

from earshot.compiler.export import export_model

MODELS = Path(__file__).parents[2] / "models"
C_FILES = ("model.h", "model.c", "model_data.h", "model_data.c", "model_tflm.h", "model_info.c")
FOLDERS = sorted(folder.parent for folder in MODELS.glob("*/c"))


def test_the_default_model_ships() -> None:
    assert MODELS / "micro_speech" in FOLDERS


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_committed_c_is_up_to_date(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro", reason="the arena is measured with tflite-micro")
    export_model(folder / f"{folder.name}.tflite", tmp_path)
    for name in C_FILES:
        assert (tmp_path / name).read_text() == (folder / "c" / name).read_text(), (
            f"{name} is stale; run: earshot export models/{folder.name}/{folder.name}.tflite "
            f"--out models/{folder.name}/c"
        )
