"""Which recogniser settings a model should carry, chosen by listening to the validation speakers."""

from collections.abc import Sequence
from dataclasses import replace

from earkit.audio.dataset import Split
from earkit.evaluation import listening
from earkit.settings import ModelSettings, RecognizerSettings
from earkit.spotter import host
from earkit.spotter.model import Engine

AVERAGES = (200, 240, 320, 400, 480, 640)
"""Milliseconds. A word stands in the middle of the window for a third of a second, which TFLM's average
over a whole second would dilute."""
THRESHOLDS = range(100, 246, 5)
FALSE_SHARE = 0.015
"""False detections that are borne, as a share of the clips played."""
OTHERS = 1 / 3
"""How many other words are played for each word to hear."""
_START = RecognizerSettings()


def recommend(engine: Engine, validation: Split, labels: Sequence[str]) -> RecognizerSettings:
    """The average and threshold by which most of all words in `validation`, played one after another with
    some other words between, are heard with at most FALSE_SHARE false detections.

    Of settings that are equal in this the ones with fewer false detections, then the higher threshold.
    """
    words = int(validation.is_word().sum())
    sound = listening.playlist(validation, labels, others=round(OTHERS * words))
    carried = ModelSettings(tuple(labels))
    scored = host.score(engine, sound.samples, carried)
    borne = FALSE_SHARE * len(sound.spoken)

    def merit(settings: RecognizerSettings) -> tuple[float, float, int]:
        heard = host.decide(scored, replace(carried, recognizer=settings))
        result = listening.score(sound, heard, carried.words)
        right, false = sum(result.heard.values()), len(result.false)
        return (right if false <= borne else borne - false, -false, settings.threshold)

    choices = [replace(_START, average_ms=a, threshold=t) for a in AVERAGES for t in THRESHOLDS]
    return max(choices, key=merit)
