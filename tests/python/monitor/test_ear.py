"""This computer's own ear hears what a board with the same model hears, at the same times."""

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from earkit.audio import clips
from earkit.commands.listen import make_ear
from earkit.commands.simulate import arrange
from earkit.monitor.ear import blocks_of
from earkit.monitor.reports import Audio, Connected, Detection, Features, Note, Scores, Setting
from earkit.spotter.host import listen
from earkit.spotter.model import Engine, settings_of


def test_it_hears_what_the_oracle_hears(tflm_micro_speech: Path) -> None:
    """TFLite Micro's interpreter over the whole sound, recognised as the evaluation does it."""
    runtime = pytest.importorskip("tflite_micro").runtime
    model = tflm_micro_speech / "models" / "micro_speech_quantized.tflite"
    words = ("yes", "no", "noise", "yes")
    sound = arrange(
        [clips.read(tflm_micro_speech / "testdata" / f"{word}_1000ms.wav").samples for word in words]
    )
    interpreter = runtime.Interpreter.from_file(str(model))

    def classify(windows: NDArray[np.int8]) -> NDArray[np.int8]:
        found = []
        for window in windows:
            interpreter.set_input(window.reshape(1, -1), 0)
            interpreter.invoke()
            found.append(interpreter.get_output(0).astype(np.int8).ravel())
        return np.stack(found)

    expected = listen(Engine(classify), sound, settings_of(model))
    ear = make_ear(str(model))
    pieces = np.split(sound, np.sort(np.random.default_rng(1).integers(0, len(sound), 300)))
    seen = list(ear.hear(blocks_of(pieces), threading.Event()))
    heard = [report for report in seen if isinstance(report, Detection)]
    assert [(found.label, found.score, found.ms) for found in heard] == [
        (found.label, found.score, found.ms) for found in expected
    ]
    assert [found.label for found in heard] == ["yes", "no", "yes"]
    assert isinstance(seen[0], Connected) and seen[0].identity.labels[2:] == ("yes", "no")
    counts = [sum(isinstance(report, kind) for report in seen) for kind in (Audio, Features, Scores)]
    assert counts[0] == len(sound) // 320 and counts[1] == counts[0] - 1 and counts[2] == counts[1] // 2


def test_settings_change_while_it_hears() -> None:
    ear = make_ear("micro_speech")
    for name, value in [("threshold.yes", 9), ("average", 400), ("average", 0), ("threshold.maybe", 1)]:
        ear.set(name, value)
    seen = list(ear.hear([np.zeros(320, np.int16)], threading.Event()))
    assert [report for report in seen if isinstance(report, Setting)] == [
        Setting("ear", "threshold.yes", 9),
        Setting("ear", "average", 400),
    ]
    assert sum(isinstance(report, Note) for report in seen) == 2
    assert ear._settings_now()["threshold.yes"] == 9, "a change of another setting leaves it"
