"""Training windows: what the front end makes of a longer sound, with the word where it should be."""

import numpy as np
import pytest

from earshot.audio.dataset import Dataset
from earshot.training import examples
from earshot.training.examples import FRAMES, SPREAD, Streams


@pytest.fixture(scope="module")
def streams(language: Dataset) -> Streams:
    return examples.make(language.training, np.random.default_rng(0))


def test_shapes_and_shares(streams: Streams) -> None:
    assert streams.features.shape == (180 + 27, 149, 40) and streams.features.dtype == np.int8
    assert np.bincount(streams.labels).tolist() == [27, 60, 60, 60]
    assert (streams.first >= 0).all() and (streams.last >= streams.first).all()
    assert (streams.last <= 149 - FRAMES).all()


def middles(windows: np.ndarray) -> np.ndarray:
    """The centre of loudness of each window, in frames."""
    loudness = windows.astype(float).max(axis=2) + 128
    return (loudness * np.arange(FRAMES)).sum(axis=1) / loudness.sum(axis=1)


def test_words_to_hear_are_near_the_middle(streams: Streams) -> None:
    words = np.flatnonzero(streams.labels > 1)
    centres = middles(streams.middle_windows()[words])
    assert np.median(np.abs(centres - FRAMES / 2)) < 3
    rng = np.random.default_rng(1)
    spread = [middles(streams.random_windows(words, rng)) for _ in range(20)]
    warm = streams.last[words] - streams.first[words] == 2 * SPREAD
    assert warm.mean() > 0.5
    assert 1.0 < np.median(np.std(spread, axis=0)[warm]) < SPREAD


def test_other_words_are_anywhere(streams: Streams) -> None:
    others = np.flatnonzero(streams.labels == 1)
    assert np.median(streams.last[others] - streams.first[others]) > 4 * SPREAD


def test_silence_is_any_window(streams: Streams) -> None:
    silence = streams.labels == 0
    assert (streams.first[silence] == 0).all() and (streams.last[silence] == 149 - FRAMES).all()


def test_some_start_cold_and_most_do_not(streams: Streams) -> None:
    words = streams.labels > 1
    assert 0.1 < (streams.first[words] < 10).mean() < 0.45


def test_same_seed_same_streams(language: Dataset, streams: Streams) -> None:
    again = examples.make(language.training, np.random.default_rng(0))
    for field in ("features", "labels", "first", "last"):
        np.testing.assert_array_equal(getattr(again, field), getattr(streams, field))
    other = examples.make(language.training, np.random.default_rng(1))
    assert (other.features != streams.features).any()


def test_varied_moves_channels_and_loudness_but_not_silence() -> None:
    rng = np.random.default_rng(2)
    windows = np.full((300, FRAMES, 40), -128, np.int8)
    windows[:, 10:20, 20] = 50
    varied = examples.varied(windows, rng)
    channel = (varied[:, 15] > 0).argmax(axis=1)
    assert set(channel) == {19, 20, 21}
    level = varied[np.arange(300), 15, channel].astype(int)
    assert level.min() == 44 and level.max() == 56
    assert (varied == -128).sum() == (windows == -128).sum()
