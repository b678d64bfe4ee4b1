"""The front end's Python side: shapes, types, int8, tables."""

import numpy as np
import pytest

from earkit import paths
from earkit.core import tables
from earkit.core.frontend import Frontend, features, to_int8, window_int8
from earkit.settings import FrontendSettings


def test_committed_tables_are_what_the_settings_give() -> None:
    for name, text in tables.render(FrontendSettings()).items():
        assert (paths.kit() / "firmware/core/frontend" / name).read_text() == text


def test_rows_come_with_the_480th_sample_and_every_320_more() -> None:
    listener = Frontend()
    assert [len(listener.feed(np.zeros(n, np.int16))) for n in (479, 1, 319, 1, 0, 641)] == [0, 1, 0, 1, 0, 2]


def test_reset_forgets_samples_and_noise() -> None:
    sound = np.random.default_rng(3).integers(-9000, 9000, 16000).astype(np.int16)
    listener = Frontend()
    first = listener.feed(sound)
    assert not np.array_equal(listener.feed(sound)[:10], first[:10])
    listener.reset()
    np.testing.assert_array_equal(listener.feed(sound), first)


def test_int8_follows_the_formula_for_every_feature() -> None:
    every = np.arange(65536)
    expected = np.clip((every * 256 + 333) // 666 - 128, -128, 127)
    np.testing.assert_array_equal(to_int8(every.astype(np.uint16)), expected)
    assert to_int8(np.zeros((3, 40), np.uint16)).shape == (3, 40)


def test_window_is_one_second_of_int8() -> None:
    sound = np.random.default_rng(4).integers(-9000, 9000, 16000).astype(np.int16)
    window = window_int8(sound)
    assert window.shape == (49, 40) and window.dtype == np.int8
    np.testing.assert_array_equal(window, to_int8(features(sound)))
    with pytest.raises(ValueError, match="one second"):
        window_int8(sound[:15000])


def test_strided_samples_are_taken_as_they_read() -> None:
    sound = np.random.default_rng(4).integers(-9000, 9000, 16000).astype(np.int16)
    np.testing.assert_array_equal(features(sound[::2]), features(sound[::2].copy()))


def test_samples_of_another_kind_are_refused() -> None:
    with pytest.raises(TypeError, match="int16"):
        features(np.zeros(480))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one dimension"):
        features(np.zeros((480, 1), np.int16))
