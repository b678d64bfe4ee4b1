"""Recordings of every kind are read, converted with a note, or refused in one line."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from earkit.audio import clips
from earkit.errors import AudioError

TONE = np.rint(12000 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)).astype(np.int16)


def tone(rate: int, hz: float = 440.0) -> np.ndarray:
    return 0.4 * np.sin(2 * np.pi * hz * np.arange(rate) / rate)


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_native_format_is_exact(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, TONE, 16000, subtype="PCM_16")
    clip = clips.read(path)
    assert clip.note == "" and clip.samples.dtype == np.int16
    np.testing.assert_array_equal(clip.samples, TONE)


@pytest.mark.parametrize(
    ("rate", "channels", "subtype", "note"),
    [
        (44100, 1, "PCM_16", "44100 Hz"),
        (16000, 2, "PCM_16", "2 channels"),
        (16000, 1, "PCM_U8", "8 bit"),
        (48000, 2, "PCM_24", "24 bit"),
        (8000, 1, "FLOAT", "float"),
    ],
)
def test_conversion_keeps_the_tone(tmp_path: Path, rate: int, channels: int, subtype: str, note: str) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.column_stack([tone(rate)] * channels), rate, subtype=subtype)
    clip = clips.read(path)
    assert note in clip.note
    assert abs(len(clip.samples) - 16000) <= 1
    middle = slice(1000, 15000)  # resampling rings at the ends
    assert np.abs(clip.samples[middle] - tone(16000)[: len(clip.samples)][middle] * 32768).max() < 300


def test_full_scale_float_is_clipped_not_wrapped(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.array([2.0, -2.0, 1.0, -1.0]), 16000, subtype="FLOAT")
    assert clips.read(path).samples.tolist() == [32767, -32768, 32767, -32768]


def test_cut_wav_gives_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, TONE, 16000)
    path.write_bytes(path.read_bytes()[: 44 + 10000])
    clip = clips.read(path)
    assert "cut short" in clip.note
    np.testing.assert_array_equal(clip.samples, TONE[:5000])


def test_cut_flac_gives_a_true_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    noise = np.random.default_rng(1).integers(-20000, 20000, 64000).astype(np.int16)
    soundfile.write(path, noise, 16000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    clip = clips.read(path)
    assert "cut short" in clip.note
    assert 16000 <= len(clip.samples) < 40000
    np.testing.assert_array_equal(clip.samples, noise[: len(clip.samples)])


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "cannot read"), (b"this is no sound at all" * 9, "cannot read"), (None, "no recording")],
)
def test_what_is_not_audio_is_refused(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioError, match=words) as caught:
        clips.read(path)
    assert "\n" not in str(caught.value) and "a.wav" in str(caught.value)


def test_header_without_samples_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(0, np.int16), 16000)
    with pytest.raises(AudioError, match="no sound"):
        clips.read(path)


def test_not_a_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.array([0.1, np.nan]), 16000, subtype="FLOAT")
    with pytest.raises(AudioError, match="no numbers"):
        clips.read(path)


@pytest.mark.parametrize("length", [1, 4, 5, 6, 100])
def test_fit_centres_a_short_clip(length: int) -> None:
    for n in range(max(1, length - 4), length + 1):
        samples = np.arange(1, n + 1, dtype=np.int16)
        start = (length - n) // 2
        expected = np.pad(samples, (start, length - n - start))
        np.testing.assert_array_equal(clips.fit(samples, length), expected)


@pytest.mark.parametrize("place", [0, 4000, 20000, 30000, 40000])
def test_fit_keeps_the_word_of_a_long_clip(place: int) -> None:
    rng = np.random.default_rng(place)
    samples = rng.normal(0, 50, 48000).astype(np.int16)
    word = rng.normal(0, 3000, 8000).astype(np.int16)
    samples[place : place + 8000] = word
    fitted = clips.fit(samples, 16000)
    assert len(fitted) == 16000
    (found,) = (i for i in range(8001) if (fitted[i : i + 8000] == word).all())
    assert abs(found - 4000) < 500 or place in (0, 40000)  # in the middle, where there is sound on both sides


def test_fit_of_one_sample_too_many_and_of_silence() -> None:
    assert len(clips.fit(np.ones(16001, np.int16), 16000)) == 16000
    assert len(clips.fit(np.zeros(50000, np.int16), 16000)) == 16000


def test_write_then_read(tmp_path: Path) -> None:
    clips.write(tmp_path / "b" / "a.wav", TONE)
    np.testing.assert_array_equal(clips.read(tmp_path / "b" / "a.wav").samples, TONE)
    assert [p.name for p in (tmp_path / "b").iterdir()] == ["a.wav"]
