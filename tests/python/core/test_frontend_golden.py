"""The front end against TensorFlow's `audio_microfrontend` op: the same bits, whatever the sound."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from earkit.audio import clips
from earkit.core.frontend import Frontend, features

Samples = NDArray[np.int16]
Op = Callable[[Samples], NDArray[np.uint16]]
RATE = 16000


@pytest.fixture(scope="module")
def op() -> Op:
    tf = pytest.importorskip("tensorflow")
    from tensorflow.lite.experimental.microfrontend.python.ops import audio_microfrontend_op

    def run(samples: Samples) -> NDArray[np.uint16]:
        rows: NDArray[np.uint16] = audio_microfrontend_op.audio_microfrontend(
            tf.constant(samples),
            sample_rate=RATE,
            window_size=30,
            window_step=20,
            num_channels=40,
            upper_band_limit=7500.0,
            lower_band_limit=125.0,
            smoothing_bits=10,
            even_smoothing=0.025,
            odd_smoothing=0.06,
            min_signal_remaining=0.05,
            enable_pcan=True,
            pcan_strength=0.95,
            pcan_offset=80.0,
            gain_bits=21,
            enable_log=True,
            scale_shift=6,
        ).numpy()
        return rows

    return run


def noise(gain: float, count: int = RATE, seed: int = 1) -> Samples:
    wave = np.random.default_rng(seed).standard_normal(count) * gain
    return np.clip(wave, -32768, 32767).astype(np.int16)


def square(half_period: int) -> Samples:
    return np.where(np.arange(RATE) // half_period % 2, 32767, -32768).astype(np.int16)


def sine(hertz: float, gain: float) -> Samples:
    return np.clip(gain * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE), -32768, 32767).astype(np.int16)


def impulses(value: int, period: int, start: int) -> Samples:
    samples = np.zeros(RATE, np.int16)
    samples[start::period] = value
    return samples


SOUNDS = {
    "silence": np.zeros(RATE, np.int16),
    "one": impulses(1, 7, 0),
    "least at the window's middle, alone": impulses(-32768, 320, 239),
    "least at the window's middle, in quiet noise": impulses(-32768, 320, 239) | noise(300, RATE) // 2,
    "all least": np.full(RATE, -32768, np.int16),
    "all greatest": np.full(RATE, 32767, np.int16),
    "step": np.repeat(np.array([-32768, 32767], np.int16), RATE // 2),
    "click after silence": impulses(32767, RATE, 8000),
    **{f"noise of {gain}": noise(gain) for gain in (0.5, 3, 40, 1000, 9000, 60000)},
    **{f"square of {half}": square(half) for half in (1, 2, 3, 8, 20, 64, 128, 1000)},
    **{f"sine of {hertz} Hz": sine(hertz, 32767) for hertz in (125, 440, 1000, 3999.5, 7500)},
    "clipped sine": sine(700, 200000),
    "sine of 2": sine(700, 2),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_synthetic_sounds_give_the_bits_of_the_op(op: Op, name: str) -> None:
    np.testing.assert_array_equal(features(SOUNDS[name]), op(SOUNDS[name]))


def test_real_clips_give_the_bits_of_the_op(op: Op, speech_commands: Path) -> None:
    paths = sorted(speech_commands.glob("*/*.flac"))
    chosen = paths[:: max(1, len(paths) // 320)]
    assert len(chosen) >= 300
    for path in chosen:
        samples = clips.read(path).samples
        np.testing.assert_array_equal(features(samples), op(samples), err_msg=str(path))


def test_clipped_speech_gives_the_bits_of_the_op(op: Op, speech_commands: Path) -> None:
    for path in sorted(speech_commands.glob("yes/*.flac"))[:20]:
        loud = np.clip(clips.read(path).samples.astype(np.int32) * 30, -32768, 32767).astype(np.int16)
        np.testing.assert_array_equal(features(loud), op(loud), err_msg=str(path))


def test_an_hour_of_stream_does_not_drift_from_the_op(op: Op) -> None:
    minute = np.random.default_rng(5).integers(-32768, 32768, 60 * RATE).astype(np.int16)
    hour = np.concatenate([minute >> np.int16(shift) for shift in np.arange(60) % 15])
    ends = np.sort(np.random.default_rng(6).integers(0, len(hour), 4000))
    listener = Frontend()
    streamed = np.concatenate([listener.feed(chunk) for chunk in np.split(hour, ends)])
    np.testing.assert_array_equal(streamed, op(hour))


@settings(max_examples=60)
@given(st.lists(st.integers(0, 1200), max_size=12), st.integers(0, 2**32 - 1), st.integers(0, 14))
def test_chunks_of_any_size_give_what_the_whole_gives(sizes: list[int], seed: int, shift: int) -> None:
    whole = np.random.default_rng(seed).integers(-32768, 32768, sum(sizes)).astype(np.int16) >> shift
    listener = Frontend()
    rows = [listener.feed(chunk) for chunk in np.split(whole, np.cumsum(sizes))]
    np.testing.assert_array_equal(np.concatenate(rows), features(whole))
