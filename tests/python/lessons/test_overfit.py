"""Learning by heart, on clips that hold nothing else to learn, and on real ones."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earkit.audio import clips, dataset
from earkit.errors import DataError
from earkit.lessons import overfit

WORDS = ("hiss", "fizz")


@pytest.fixture(scope="module")
def noises(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two words of the same noise, by 300 speakers: whoever tells them apart knows the clips by heart."""
    folder, rng = tmp_path_factory.mktemp("noises"), np.random.default_rng(5)
    for number in range(300):
        word = WORDS[number % 2]
        clips.write(folder / word / f"{number:08x}_nohash_0.wav", rng.normal(0, 900, 16000).astype(np.int16))
    return folder


def parts(folder: Path, words: tuple[str, ...], count: int) -> list[overfit.Examples]:
    sizes = {"training": count, "validation": 100, "testing": 100}
    return [overfit.examples(folder, words, split, size) for split, size in sizes.items()]


def test_speakers_are_held_out(noises: Path) -> None:
    names = {
        split: {path.name for word in WORDS for path in overfit._some(noises, word, split, 999)}
        for split in dataset.SPLITS
    }
    assert sum(map(len, names.values())) == 300 == len(set.union(*names.values()))
    made = overfit.examples(noises, WORDS, "training", 10)
    assert made.windows.shape == (20, 49, 40) and made.labels.tolist() == [0] * 10 + [1] * 10
    assert 0 <= made.windows.min() < made.windows.max() <= 1
    again = overfit.examples(noises, WORDS, "training", 10)
    assert (made.windows == again.windows).all()


def test_noise_is_only_learnt_by_heart(noises: Path) -> None:
    pytest.importorskip("tensorflow")
    judged = parts(noises, WORDS, 10)
    too_long, in_time = (overfit.train(*judged, 1, 60, patience) for patience in (None, overfit.PATIENCE))
    assert too_long.training_accuracy == 1 and too_long.loss[-1] < 0.05
    assert 0.3 < too_long.testing_accuracy < 0.7, "there is nothing to know of other speakers"
    assert too_long.validation_loss[-1] > 1.05 * min(too_long.validation_loss)
    assert len(too_long.loss) == too_long.kept == 60
    assert in_time.kept + overfit.PATIENCE == len(in_time.loss) < 60
    assert in_time.validation_loss[in_time.kept - 1] == min(in_time.validation_loss)
    assert in_time.loss == too_long.loss[: len(in_time.loss)], "the same run, ended sooner"
    assert in_time.testing_loss < too_long.testing_loss
    assert in_time.sure_but_wrong <= too_long.sure_but_wrong


def test_real_words(figures: Any, speech_commands: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    picture = tmp_path / "overfit.png"
    found = figures("overfit", "--words", "yes,no", "--data", speech_commands, "--plot", picture)
    long, short = found["too_long"], found["in_time"]
    assert long["training_accuracy"] == 1
    assert long["testing_loss"] > 1.2 * short["testing_loss"]
    assert long["validation_loss"][-1] > 1.2 * min(long["validation_loss"])
    assert picture.stat().st_size < 80_000


def test_a_folder_without_the_word(noises: Path, tmp_path: Path, lesson: Any) -> None:
    with pytest.raises(DataError, match="holds no training clip of 'yes'"):
        overfit.examples(noises, ("hiss", "yes"), "training", 10)
    for words, said in (
        (("--data", tmp_path), "holds no training clip of 'no'"),
        (("--data", noises, "--words", "hiss"), "one word cannot be told apart from itself"),
    ):
        done = lesson("overfit", *words)
        assert done.exit_code == 1 and said in str(done.exception)
    twice = lesson("overfit", "--data", noises, "--words", "hiss,hiss")
    assert twice.exit_code == 2 and "a label is there twice" in twice.output
