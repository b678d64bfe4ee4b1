"""Augmentation against what each operation means."""

import numpy as np
import pytest

from earkit.audio import augment

RNG = np.random.default_rng(5)


def test_gain_is_in_decibels() -> None:
    batch = np.full((3, 10), 100.0, np.float32)
    assert augment.gain(batch, np.array([0.0, 20.0, -20.0]))[:, 0].tolist() == pytest.approx([100, 1000, 10])


@pytest.mark.parametrize("offset", [-7, -3, 0, 4, 8, 12, 20])
def test_laid_into_is_a_shift(offset: int) -> None:
    clip = np.arange(1, 6, dtype=np.float32)
    out = augment.laid_into(clip[None], np.array([offset]), 12)[0]
    for position in range(12):
        inside = 0 <= position - offset < 5
        assert out[position] == (clip[position - offset] if inside else 0)


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.25])
def test_faster_moves_the_pitch(factor: float) -> None:
    tone = np.sin(2 * np.pi * 500 * np.arange(16000) / 16000).astype(np.float32)
    out = augment.faster(tone[None], np.array([factor]))[0]
    middle = out[4000:12000] * np.hanning(8000)
    assert np.abs(np.fft.rfft(middle)).argmax() * 2 == pytest.approx(500 * factor, abs=4)
    if factor == 1.0:
        np.testing.assert_allclose(out, tone, atol=1e-6)


def test_background_has_level_one_and_comes_from_the_noises() -> None:
    noises = (
        RNG.integers(-500, 500, 50000).astype(np.int16),
        RNG.integers(-9000, 9000, 700).astype(np.int16),
    )
    pieces = augment.background(RNG, noises, 20, 4000)
    assert augment.rms(pieces) == pytest.approx(np.ones(20), rel=1e-3)
    assert len({piece.tobytes() for piece in pieces}) > 5


def test_digital_silence_stays_silent() -> None:
    pieces = augment.background(RNG, (np.zeros(9000, np.int16),), 2, 4000)
    assert not pieces.any()


def test_quiet_levels_reach_down_to_nothing() -> None:
    levels = augment.quiet_levels(np.random.default_rng(0), 5000)
    assert 0.15 < (levels == 0).mean() < 0.25
    assert levels.max() < 2000 and levels[levels > 0].min() < 1
    assert np.median(levels[levels > 0]) == pytest.approx(np.sqrt(0.5 * 2000), rel=0.3)


def test_extents_find_the_word() -> None:
    batch = RNG.normal(0, 10, (2, 16000)).astype(np.float32)
    batch[0, 4800:9600] += RNG.normal(0, 3000, 4800)
    batch[1, 12800:] += RNG.normal(0, 300, 3200)
    begin, end = augment.extents(batch)
    assert begin.tolist() == [15, 40] and end.tolist() == [30, 50]


def test_to_int16_rounds_and_clips() -> None:
    values = augment.to_int16(np.array([[0.4, 0.6, -0.6, 40000, -40000]], np.float32))
    assert values.tolist() == [[0, 1, -1, 32767, -32768]]
