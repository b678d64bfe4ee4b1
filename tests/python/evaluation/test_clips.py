"""Judging clips and listening to streams, against models whose answers are known."""

from pathlib import Path

import numpy as np
import pytest

from earkit.audio.clips import read
from earkit.audio.dataset import Split
from earkit.core import frontend
from earkit.errors import ModelError
from earkit.evaluation import clips, listening
from earkit.settings import ModelSettings, RecognizerSettings
from earkit.spotter import host
from earkit.spotter.host import Scored
from earkit.spotter.model import HOPS, Engine, load

LABELS = ("silence", "unknown", "yes", "no")
RNG = np.random.default_rng(8)


def burst(start: int, end: int) -> np.ndarray:
    clip = np.zeros(16000, np.int16)
    clip[start:end] = RNG.integers(-9000, 9000, end - start)
    return clip


@pytest.fixture(scope="module")
def split() -> Split:
    """yes sounds early, no late, the others throughout."""
    samples = [burst(0, 16000)] * 6 + [burst(1000, 6000)] * 3 + [burst(9000, 15000)] * 4
    labels = np.repeat([1, 2, 3], [6, 3, 4])
    names = tuple(
        f"{['x', 'up', 'yes', 'no'][label]}/{i}_nohash_0.wav" for i, label in enumerate(labels.tolist())
    )
    return Split(names, np.stack(samples), labels, (np.zeros(32000, np.int16),))


def by_loudness(windows: np.ndarray) -> np.ndarray:
    return np.array([one_by_loudness(window) for window in windows])


BY_LOUDNESS = Engine(by_loudness)


def one_by_loudness(window: np.ndarray) -> np.ndarray:
    """A model that knows the language of `split`: where in the window is sound?"""
    loud = (window.astype(int).mean(axis=1) > -115).astype(int)
    early, late = loud[2:18].mean() > 0.7, loud[30:46].mean() > 0.7
    label = 1 if early and late else 2 if early else 3 if late else 0
    return np.where(np.arange(4) == label, 127, -128).astype(np.int8)


def test_a_model_that_knows_is_never_wrong(split: Split) -> None:
    judgement = clips.judge(BY_LOUDNESS, split, LABELS)
    np.testing.assert_array_equal(judgement.confusion, np.diag([1, 6, 3, 4]))
    assert judgement.accuracy == judgement.balanced == 1.0


def test_a_model_that_says_always_no(split: Split) -> None:
    judgement = clips.judge(
        Engine(lambda w: np.tile(np.array([0, 0, 0, 9], np.int8), (len(w), 1))), split, LABELS
    )
    assert judgement.confusion[:, 3].tolist() == [1, 6, 3, 4]
    assert judgement.accuracy == pytest.approx(4 / 14)
    assert judgement.balanced == pytest.approx(1 / 3)
    assert judgement.recall.tolist() == [0, 0, 0, 1]
    assert np.isnan(judgement.precision[:3]).all() and judgement.precision[3] == pytest.approx(4 / 14)


def test_windows_are_the_spotters() -> None:
    """Block by block as the firmware does it."""
    sound = RNG.integers(-8000, 8000, 40000).astype(np.int16)
    listener, kept, expected, fresh = frontend.Frontend(), np.full((49, 40), -128, np.int8), [], 0
    for block in range(len(sound) // 320):
        for row in frontend.to_int8(listener.feed(sound[block * 320 : block * 320 + 320])):
            kept = np.concatenate([kept[1:], row[None]])
            fresh += 1
            if fresh % HOPS == 0 and (block + 1) * 20 >= 1000:
                expected.append(((block + 1) * 20, kept.ravel()))
    wide = Engine(lambda windows: windows.reshape(len(windows), -1))
    scored = host.score(wide, sound, ModelSettings(LABELS))
    assert scored.ms.tolist() == [time for time, _ in expected]
    np.testing.assert_array_equal(scored.scores, [window for _, window in expected])


def test_steps_are_the_whole_windows() -> None:
    model = Path(__file__).parents[3] / "models/micro_speech/micro_speech.tflite"
    loaded = load(model)
    assert loaded.stepped
    rows = RNG.integers(-128, 128, (120, 40)).astype(np.int8)
    np.testing.assert_array_equal(loaded.stream(rows), Engine(loaded.classify).stream(rows))


def test_playlist_holds_what_was_asked_for(split: Split) -> None:
    sound = listening.playlist(split, LABELS, per_word=2, others=5, seed=1)
    words = [clip.word for clip in sound.spoken]
    assert (words.count("yes"), words.count("no"), words.count("up")) == (2, 2, 5)
    everything = listening.playlist(split, LABELS)
    assert len(everything.spoken) == 13  # as many others as there are
    assert words != sorted(words)


def test_listening_reports_what_the_model_sees() -> None:
    """Bursts pass through the window: late in it they are `no`, early in it `yes`."""
    sound = np.concatenate([np.zeros(32000, np.int16), burst(0, 7000), np.zeros(16000, np.int16)])
    settings = ModelSettings(
        LABELS, recognizer=RecognizerSettings(average_ms=120, threshold=200, minimum_count=2)
    )
    heard = host.listen(BY_LOUDNESS, sound, settings)
    assert [h.label for h in heard] == ["no", "yes"]
    begin = 2000  # ms
    assert begin + 300 < heard[0].ms < begin + 700 < heard[1].ms < begin + 1200
    deaf = ModelSettings(
        LABELS, recognizer=RecognizerSettings(average_ms=120, threshold=255, minimum_count=2)
    )
    assert host.listen(BY_LOUDNESS, sound, deaf) == []


def test_silence_and_unknown_are_not_reported() -> None:
    scores = np.tile(np.array([-128, 127, -128, -128], np.int8), (30, 1))
    times = 1000 + 40 * np.arange(30)
    assert host.decide(Scored(scores, times), ModelSettings(LABELS)) == []
    scores[:, [1, 2]] = scores[:, [2, 1]]
    assert [h.label for h in host.decide(Scored(scores, times), ModelSettings(LABELS))] == ["yes"]


def test_engine_runs_tflms_own_model(tflm_micro_speech: Path) -> None:
    """Its input has another shape than ours; its four labels are silence, unknown, yes, no."""
    loaded = load(tflm_micro_speech / "models" / "micro_speech_quantized.tflite")
    for label, word in enumerate(LABELS):
        if word != "unknown":
            samples = read(tflm_micro_speech / "testdata" / f"{word}_1000ms.wav").samples
            assert loaded.classify(frontend.window_int8(samples)[None])[0].argmax() == label


def test_engine_refuses_a_model_that_hears_nothing(tflm_micro_speech: Path) -> None:
    with pytest.raises(ModelError) as caught:
        load(tflm_micro_speech / "models" / "audio_preprocessor_int8.tflite")
    assert "\n" not in str(caught.value)
