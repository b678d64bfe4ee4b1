"""Training windows: what the front end makes of a longer sound, with the word where it should be."""

from pathlib import Path

import numpy as np
import pytest

from earkit.audio.dataset import Dataset
from earkit.errors import EarkitError
from earkit.training import examples
from earkit.training.settings import Augmentation
from earkit.training.streams import FRAMES, Streams

MIDDLE = Augmentation(as_recorded=0.0)
SHIFT = MIDDLE.shift


@pytest.fixture(scope="module")
def streams(language: Dataset) -> Streams:
    return examples.make(language.training, seed=0)


def test_shapes_and_shares(streams: Streams) -> None:
    assert streams.features.shape == (180 + 27, 149, 40) and streams.features.dtype == np.int8
    assert np.bincount(streams.labels).tolist() == [27, 60, 60, 60]
    assert (streams.end > streams.begin).all()
    assert (streams.middle >= 0).all() and (streams.middle <= 149 - FRAMES).all()


def middles(windows: np.ndarray) -> np.ndarray:
    """The centre of loudness of each window, in frames."""
    loudness = windows.astype(float).max(axis=2) + 128
    return (loudness * np.arange(FRAMES)).sum(axis=1) / loudness.sum(axis=1)


def test_words_to_hear_are_near_the_middle(streams: Streams) -> None:
    words = np.flatnonzero(streams.labels > 1)
    centres = middles(streams.middle_windows()[words])
    assert np.median(np.abs(centres - FRAMES / 2)) < 3
    rng = np.random.default_rng(1)
    spread = [middles(streams.windows(words, streams.random_starts(words, rng, MIDDLE))) for _ in range(20)]
    warm = streams.middle[words] > SHIFT
    assert warm.mean() > 0.5
    assert 1.0 < np.median(np.std(spread, axis=0)[warm]) < SHIFT


def test_other_words_are_anywhere(streams: Streams) -> None:
    others = np.flatnonzero(streams.labels == 1)
    rng = np.random.default_rng(1)
    spread = [middles(streams.windows(others, streams.random_starts(others, rng, MIDDLE))) for _ in range(20)]
    assert np.median(np.std(spread, axis=0)) > 0.8 * SHIFT


def test_partial_windows_hold_less_than_half_of_the_word(streams: Streams) -> None:
    words = np.flatnonzero((streams.labels > 1) & (streams.middle > 20))
    starts, fits = streams.partial_starts(words, np.random.default_rng(2))
    windows = streams.windows(words, starts)
    assert fits.mean() > 0.6
    whole = (streams.middle_windows()[words].max(axis=2) > 0).sum(axis=1)
    seen = (windows.max(axis=2) > 0).sum(axis=1)
    assert np.median(seen[fits] / np.maximum(whole[fits], 1)) < 0.5


def test_some_start_cold_and_most_do_not(streams: Streams) -> None:
    words = streams.labels > 1
    assert 0.2 < (streams.begin[words] < 25).mean() < 0.6


def test_same_seed_same_streams(language: Dataset, streams: Streams) -> None:
    again = examples.make(language.training, seed=0)
    for field in ("features", "labels", "begin", "end", "clip"):
        np.testing.assert_array_equal(getattr(again, field), getattr(streams, field))
    other = examples.make(language.training, seed=1)
    assert (other.features != streams.features).any()


def test_varied_moves_channels_and_loudness_but_not_silence() -> None:
    rng = np.random.default_rng(2)
    windows = np.full((300, FRAMES, 40), -128, np.int8)
    windows[:, 10:20, 20] = 50
    varied = examples.varied(windows, rng, Augmentation(channels=1, loudness=6))
    channel = (varied[:, 15] > 0).argmax(axis=1)
    assert set(channel) == {19, 20, 21}
    level = varied[np.arange(300), 15, channel].astype(int)
    assert level.min() == 44 and level.max() == 56
    assert (varied == -128).sum() == (windows == -128).sum()


def test_masks_blank_a_band_of_time_and_one_of_frequency() -> None:
    windows = np.full((200, FRAMES, 40), 50, np.int8)
    change = Augmentation(mask=5).without(["channels", "loudness"])
    masked = examples.varied(windows, np.random.default_rng(3), change) == -128
    rows, columns = masked.all(axis=2).sum(axis=1), masked.all(axis=1).sum(axis=1)
    assert set(rows) == set(columns) == set(range(6))
    assert (masked.sum(axis=(1, 2)) == rows * 40 + columns * FRAMES - rows * columns).all()


def test_the_cache_stays_small(language: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for seed in range(10):
        examples.make(language.validation, seed)
    assert len(list((tmp_path / "earkit/streams").iterdir())) == 8


@pytest.mark.parametrize("name", ["echo", "reverb"], ids=["unknown", "not made anyway"])
def test_an_augmentation_that_is_not_made_cannot_be_left_out(name: str) -> None:
    with pytest.raises(EarkitError, match=f"no {name} to leave out; choose among: shift, as_recorded, gain"):
        Augmentation().without([name])
