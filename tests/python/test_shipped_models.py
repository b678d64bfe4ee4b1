"""What ships in models/: the committed C is what the exporter makes of the committed .tflite."""

from pathlib import Path

import pytest

from earkit.compiler.export import export_model

MODELS = Path(__file__).parents[2] / "models"
C_FILES = (
    *("model.h", "model.c", "model.json", "model_data.h", "model_data.c", "model_tflm.h", "model_info.c"),
)
SHIPPED = sorted(MODELS.glob("*/*.tflite"))


def c_folder(model: Path) -> Path:
    """NAME/NAME.tflite has its C in NAME/c, and NAME/NAME_KIND.tflite in NAME/c_KIND."""
    return model.parent / ("c" + model.stem.removeprefix(model.parent.name))


def test_the_default_models_ship() -> None:
    assert {MODELS / "micro_speech/micro_speech.tflite", MODELS / "regression/regression.tflite"} <= {
        *SHIPPED
    }


@pytest.mark.parametrize("model", SHIPPED, ids=lambda model: model.stem)
def test_committed_c_is_up_to_date(model: Path, tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro", reason="the arena is measured with tflite-micro")
    export_model(model, tmp_path)
    for name in C_FILES:
        assert (tmp_path / name).read_text() == (c_folder(model) / name).read_text(), (
            f"{name} is stale; run: earkit export {model.relative_to(MODELS.parent)} "
            f"--out {c_folder(model).relative_to(MODELS.parent)}"
        )


@pytest.mark.parametrize("model", SHIPPED, ids=lambda model: model.stem)
def test_every_model_has_a_card(model: Path) -> None:
    assert model.name in (model.parent / "card.md").read_text()
