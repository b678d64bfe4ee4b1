"""The recogniser against TFLM's RecognizeCommands, written again from its description."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earkit.core.recognizer import Recognition, Recognizer
from earkit.settings import RecognizerSettings


class Oracle:
    """Averages, minimum count and suppression as TFLM has them; label 0 is silence."""

    def __init__(self, settings: RecognizerSettings, thresholds: list[int]) -> None:
        self.settings, self.thresholds = settings, thresholds
        self.results: deque[tuple[int, list[int]]] = deque(maxlen=64)
        self.top, self.top_time = 0, 0

    def update(self, scores: list[int], now: int) -> Recognition:
        s = self.settings
        self.results.append((now, [score + 128 for score in scores]))
        while self.results[0][0] < now - s.average_ms:
            self.results.popleft()
        if len(self.results) < s.minimum_count or now - self.results[0][0] < s.average_ms // 4:
            return Recognition(self.top, 0, False)
        columns = zip(*(row for _, row in self.results), strict=True)
        averages = [sum(column) // len(self.results) for column in columns]
        best = averages.index(max(averages))
        since = float("inf") if self.top == 0 else now - self.top_time
        heard = averages[best] > self.thresholds[best] and (best != self.top or since > s.suppression_ms)
        if heard:
            self.top, self.top_time = best, now
        return Recognition(best, averages[best], heard)


SETTINGS = st.builds(
    RecognizerSettings,
    average_ms=st.sampled_from([1, 40, 200, 1000, 2500]),
    threshold=st.integers(0, 255),
    suppression_ms=st.sampled_from([0, 40, 500, 1500, 65535]),
    minimum_count=st.integers(1, 8),
)
STEPS = st.lists(
    st.tuples(
        st.lists(st.integers(-128, 127), min_size=4, max_size=4), st.sampled_from([0, 20, 40, 300, 3000])
    ),
    max_size=80,
)


@settings(max_examples=300)
@given(SETTINGS, st.lists(st.integers(0, 255), min_size=4, max_size=4), STEPS, st.integers(0, 2**62))
def test_any_sequence_gives_what_tflm_gives(
    chosen: RecognizerSettings, thresholds: list[int], steps: list[tuple[list[int], int]], start: int
) -> None:
    recognizer, oracle, now = Recognizer(chosen, 4), Oracle(chosen, thresholds), start
    recognizer.thresholds = tuple(thresholds)
    for scores, later in steps:
        now += later
        assert recognizer.update(np.array(scores, np.int8), now) == oracle.update(scores, now)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(0, 220))
def test_long_words_give_what_tflm_gives(seed: int, threshold: int) -> None:
    rng = np.random.default_rng(seed)
    chosen = RecognizerSettings(threshold=threshold)
    recognizer, oracle = Recognizer(chosen, 4), Oracle(chosen, [threshold] * 4)
    loud = np.repeat(rng.integers(0, 4, 40), rng.integers(5, 50, 40))
    heard = 0
    for index, label in enumerate(loud):
        scores = rng.integers(-128, -60, 4)
        scores[label] = 127
        expected = oracle.update(scores.tolist(), 40 * index)
        assert recognizer.update(scores.astype(np.int8), 40 * index) == expected
        heard += expected.is_new
    assert heard > 0


def say(recognizer: Recognizer, label: int, first_ms: int, last_ms: int) -> list[int]:
    """Times at which `label` was reported while it scored 255 every 40 ms."""
    scores = np.full(4, -128, np.int8)
    scores[label] = 127
    return [now for now in range(first_ms, last_ms, 40) if recognizer.update(scores, now).is_new]


def test_a_word_is_reported_once_and_again_only_after_suppression() -> None:
    recognizer = Recognizer(RecognizerSettings(), 4)
    assert say(recognizer, 2, 0, 3600) == [280, 1800, 3320]


def test_settings_change_while_it_runs() -> None:
    recognizer = Recognizer(RecognizerSettings(), 4)
    recognizer.thresholds = (200, 200, 255, 200)
    assert say(recognizer, 2, 0, 2000) == []
    recognizer.settings = RecognizerSettings(threshold=100)
    assert recognizer.thresholds == (100,) * 4
    assert say(recognizer, 2, 2000, 2200) == [2000]


def test_time_does_not_overflow() -> None:
    recognizer = Recognizer(RecognizerSettings(), 4)
    start = 2**32 - 140
    assert [now - start for now in say(recognizer, 2, start, start + 1000)] == [280]


def test_wrong_use_is_refused() -> None:
    with pytest.raises(ValueError, match="labels"):
        Recognizer(RecognizerSettings(), 17)
    with pytest.raises(ValueError, match="average_ms"):
        Recognizer(RecognizerSettings(average_ms=2501), 4)
    recognizer = Recognizer(RecognizerSettings(), 4)
    with pytest.raises(ValueError, match="scores"):
        recognizer.update(np.zeros(3, np.int8), 0)
    with pytest.raises(ValueError, match="thresholds"):
        recognizer.thresholds = (1, 2, 3)
    recognizer.update(np.zeros(4, np.int8), 100)
    with pytest.raises(ValueError, match="back"):
        recognizer.update(np.zeros(4, np.int8), 99)
