"""Intervals against textbooks, and hours of sound against a model whose mistakes are known."""

import numpy as np
import pytest

from earkit.audio.dataset import Split
from earkit.audio.running_speech import Reader
from earkit.evaluation import false_accepts, intervals, long_stream
from earkit.evaluation.false_accepts import Hours, Negative
from earkit.evaluation.listening import Spoken
from earkit.evaluation.long_stream import NOISE, SPEECH
from earkit.settings import ModelSettings, RecognizerSettings
from earkit.spotter.host import Scored, score
from earkit.spotter.model import Engine

LABELS = ("silence", "unknown", "yes")
SETTINGS = ModelSettings(LABELS)
RNG = np.random.default_rng(9)


def test_poisson_is_garwoods() -> None:
    """The table of E. Garwood's exact limits for 0, 1 and 10 events."""
    assert intervals.poisson(0) == pytest.approx((0.0, 3.689), abs=1e-3)
    assert intervals.poisson(1) == pytest.approx((0.0253, 5.572), abs=1e-3)
    assert intervals.poisson(10) == pytest.approx((4.795, 18.39), abs=1e-2)


def test_share_is_wilsons() -> None:
    assert intervals.share(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-3)


def test_bootstrap_of_one_label_is_binomial() -> None:
    right = np.arange(400) < 300
    low, high = intervals.balanced(np.ones(400, np.int64), right)
    expected = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert low == pytest.approx(0.75 - expected, abs=0.006)
    assert high == pytest.approx(0.75 + expected, abs=0.006)


def test_paired_difference_of_equals_is_nothing() -> None:
    truth, right = np.repeat([1, 2], 50), RNG.random(100) < 0.8
    assert intervals.difference(truth, right, right) == (0.0, 0.0)
    worse = right & (np.arange(100) % 10 > 0)
    low, high = intervals.difference(truth, right, worse)
    assert 0 < low < 0.1 < high + 0.05


def tone(hertz: float, start: int) -> np.ndarray:
    clip = np.zeros(16000)
    clip[start : start + 8000] = 6000 * np.sin(2 * np.pi * hertz * np.arange(8000) / 16000)
    return clip.astype(np.int16)


@pytest.fixture(scope="module")
def split() -> Split:
    samples = [tone(3000, 1000 * (i % 8)) for i in range(12)] + [tone(500, 4000) for _ in range(12)]
    names = tuple(f"{'yes' if i < 12 else 'bed'}/{i}_nohash_0.wav" for i in range(24))
    noise = (RNG.integers(-300, 300, 80000).astype(np.int16),)
    return Split(names, np.stack(samples), np.repeat([2, 1], 12), noise)


def test_words_lie_where_they_are_said_to_and_above_the_noise(split: Split) -> None:
    playlist = long_stream.positives(split, repeats=2)
    assert len(playlist.spoken) == 24 and {clip.word for clip in playlist.spoken} == {"yes"}
    wave, above = playlist.samples.astype(float), []
    for clip in playlist.spoken:
        start = round(clip.start * 16000) + 1000 * (int(clip.name[4:].split("_")[0]) % 8)
        word, before = wave[start : start + 8000], wave[start - 16000 : start - 8000]
        above.append(20 * np.log10(np.std(word) / max(1.0, np.std(before))))
    assert 9 < np.median(above) < 24


def test_negatives_are_as_long_as_asked_and_differ(split: Split) -> None:
    pytest.importorskip("espeakng_loader", reason="the train extra is not installed")
    reader = Reader("testing", LABELS[2:], np.random.default_rng(1))
    parts = list(long_stream.negatives(split, reader, hours=0.33))
    assert [len(part.samples) for part in parts] == [600 * 16000] * 2
    assert (parts[0].samples != parts[1].samples).any() and all(np.std(part.samples) > 30 for part in parts)
    for part in parts:
        starts = [one.start for one in part.spoken]
        assert starts == sorted(starts) and starts[0] == 0 and starts[-1] < 600
    others = [one.name for part in parts for one in part.spoken if one.word == "bed"]
    assert len(set(others[:12])) == len(set(others[12:24])) == 12  # every clip before one comes again


def heard(split: Split, alarms: list[int], sure: int) -> Hours:
    """A model that is `sure` of yes whenever a high tone sounds, and of alarms as loud as is said."""
    playlist = long_stream.positives(split, repeats=1)

    def scores(rows: np.ndarray) -> np.ndarray:
        high = rows[: len(rows) // 2 * 2, 24:34].astype(int).max(axis=1).reshape(-1, 2).max(axis=1) > 30
        found = np.full((len(high), 3), -128)
        found[:, 2] = np.where(high, sure - 128, -128)
        return found.astype(np.int8)

    quiet = np.full((15000, 3), -128, np.int8)
    for number, loud in enumerate(alarms):
        quiet[1000 * (number + 1) : 1000 * (number + 1) + 30, 2] = loud - 128
    times = 1000 + 40 * np.arange(15000)
    listened = score(Engine(lambda _: np.zeros(0, np.int8), stepped=scores), playlist.samples, SETTINGS)
    spoken = [Spoken("bed", f"bed/{i}", 40.0 * i, 40.0 * i + 1) for i in range(1, 3)]
    around = Spoken(SPEECH, SPEECH, 0.0, 9.0), Spoken(NOISE, NOISE, 120.0, 600.0)
    part = Negative(Scored(quiet, times), (around[0], *spoken, around[1]))
    return Hours(LABELS, (part,), 1 / 6, {}, playlist, listened)


def test_figures_count_what_was_made(split: Split) -> None:
    sound = heard(split, alarms=[250, 180, 120], sure=200)
    judged = sound.judge(RecognizerSettings(160, 150))
    assert (judged.played, judged.missed, judged.alarms) == (12, 0, 2)
    assert judged.by == {"bed": 2} and judged.clips_taken == 2
    assert sound.judge(RecognizerSettings(160, 110)).by == {"bed": 2, NOISE: 1}
    assert judged.per_hour == pytest.approx(12.0)
    low, high = judged.per_hour_interval
    assert low == pytest.approx(6 * 0.2422, abs=0.01) and high == pytest.approx(6 * 7.225, abs=0.01)
    assert sound.judge(RecognizerSettings(160, 210)).missed == 12


def test_recommends_what_misses_least_among_the_quiet(split: Split) -> None:
    best = false_accepts.recommend(heard(split, alarms=[180, 120], sure=230))
    assert best.alarms == 0 and best.missed == 0 and 180 <= best.settings.threshold < 230
    louder = heard(split, alarms=[230, 120], sure=200)
    assert false_accepts.recommend(louder).missed == 12
    borne = false_accepts.recommend(louder, per_hour=6.0)
    assert (borne.missed, borne.alarms) == (0, 1)
    noisy = false_accepts.recommend(heard(split, alarms=[255, 255], sure=230))
    assert noisy.per_hour == min(f.per_hour for f in false_accepts.curve(heard(split, [255, 255], 230), 160))


def test_latency_is_from_the_words_end(split: Split) -> None:
    late = heard(split, [], 230).latencies(RecognizerSettings(160, 150), split)
    assert len(late) == 12 and -450 < np.median(late) < 0  # a tone is known before it ends
