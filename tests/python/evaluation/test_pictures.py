"""Pictures are written whole and show what they were given."""

from pathlib import Path

import numpy as np
import pytest

from earkit.errors import EarkitError

matplotlib = pytest.importorskip("matplotlib", reason="the train extra is not installed")

from earkit.evaluation import pictures  # noqa: E402
from earkit.figure import BLUE, ORANGE  # noqa: E402
from earkit.spotter.heard import Heard  # noqa: E402
from earkit.training import pictures as training_pictures  # noqa: E402

HISTORY = {key: [1.0, 0.5, 0.3] for key in ("loss", "val_loss", "accuracy", "val_accuracy")}
LABELS = ("silence", "unknown", "yes", "no")


def pixels(path: Path) -> np.ndarray:
    from matplotlib.image import imread

    return imread(path)


def has_colour(image: np.ndarray, colour: str) -> bool:
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return bool((np.abs(image[..., :3] - wanted).max(axis=-1) < 0.03).sum() > 50)


def test_training_curves(tmp_path: Path) -> None:
    training_pictures.training_curves(HISTORY, tmp_path / "a.png")
    image = pixels(tmp_path / "a.png")
    assert has_colour(image, BLUE)


def test_confusion_matrix_is_brighter_on_a_good_diagonal(tmp_path: Path) -> None:
    for name, table in (("good", np.eye(4, dtype=int) * 9), ("bad", np.full((4, 4), 3))):
        training_pictures.confusion_matrix(table, LABELS, tmp_path / f"{name}.png")
    yellow = [(pixels(tmp_path / f"{n}.png")[..., :2].min(axis=-1) > 0.85).mean() for n in ("good", "bad")]
    assert yellow[0] > yellow[1] + 0.05


def test_clip_marks_what_was_heard(tmp_path: Path) -> None:
    sound = np.random.default_rng(0).integers(-9000, 9000, 24000).astype(np.int16)
    pictures.clip(sound, [], 3.0, "a clip", tmp_path / "none.png")
    pictures.clip(sound, [Heard("yes", 201, 4000)], 3.0, "a clip", tmp_path / "one.png")
    assert not has_colour(pixels(tmp_path / "none.png"), ORANGE)
    assert has_colour(pixels(tmp_path / "one.png"), ORANGE)


def test_a_picture_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EarkitError, match="cannot write"):
        training_pictures.training_curves(HISTORY, tmp_path / "file" / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
