"""The lessons of sound: the stages of the pipeline, and the network in float beside TFLite Micro's int8."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earkit.audio import clips
from earkit.core import frontend
from earkit.lessons import filters, sound
from earkit.lessons.cnn import TinyConv
from earkit.lessons.trained import read_tiny_conv

MODELS = Path(__file__).parents[3] / "models"
MODEL = MODELS / "micro_speech/micro_speech.tflite"


@pytest.fixture(scope="module")
def model() -> TinyConv:
    return read_tiny_conv(MODEL)


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    pytest.importorskip("espeakng_loader")
    folder = tmp_path_factory.mktemp("spoken")
    paths = {word: folder / f"{word}.wav" for word in ("yes", "no")}
    for word, path in paths.items():
        sound.speak(word, path)
    return paths


def windows(spoken: dict[str, Path]) -> list[np.ndarray]:
    """Words, noise of several levels, and extremes."""
    rng = np.random.default_rng(2)
    noises = [rng.normal(0, level, 16000).astype(np.int16) for level in (10, 300, 5000)]
    words = [clips.read(path).samples for path in spoken.values()]
    heard = [frontend.window_int8(samples) for samples in (*words, *noises)]
    return [*heard, rng.integers(-128, 128, (49, 40)).astype(np.int8), np.full((49, 40), -128, np.int8)]


def oracle_scores(path: Path, window: np.ndarray) -> np.ndarray:
    runtime = pytest.importorskip("tflite_micro").runtime
    interpreter = runtime.Interpreter.from_file(str(path))
    shape = interpreter.get_input_details(0)["shape"]
    interpreter.set_input(window.reshape(shape), 0)
    interpreter.invoke()
    return (interpreter.get_output(0).astype(float).ravel() + 128) / 256


def test_float_scores_are_near_the_boards(model: TinyConv, spoken: dict[str, Path]) -> None:
    for window in windows(spoken):
        scores = model.scores(model.activations(window))
        assert scores == pytest.approx(oracle_scores(MODEL, window), abs=0.06)
        assert scores.sum() == pytest.approx(1, abs=1e-5)


def test_tflms_own_model_is_read_too(tflm_micro_speech: Path) -> None:
    path = tflm_micro_speech / "models" / "micro_speech_quantized.tflite"
    own = read_tiny_conv(path)
    for word in ("yes", "no"):
        samples = clips.read(tflm_micro_speech / "testdata" / f"{word}_1000ms.wav").samples
        scores = own.hear(samples)
        assert own.labels[int(scores.argmax())] == word
        assert scores == pytest.approx(oracle_scores(path, frontend.window_int8(samples)), abs=0.06)


def test_activations_are_tensorflows(model: TinyConv, spoken: dict[str, Path]) -> None:
    tf = pytest.importorskip("tensorflow")
    for window in windows(spoken):
        real = (window.astype(np.float32) + 128)[None, :, :, None] * np.float32(model.input_scale)
        answers = tf.nn.depthwise_conv2d(real, model.filters[:, :, None, :], [1, 2, 2, 1], "SAME")
        expected = tf.nn.relu(answers + model.filter_bias)[0]
        assert np.allclose(model.activations(window), expected, atol=1e-3)


def test_every_stage_has_its_shape(model: TinyConv, spoken: dict[str, Path]) -> None:
    made = sound.follow("yes", spoken["yes"], model)
    assert [(name, str(a.dtype), a.shape) for name, a in made.stages()] == [
        ("raw WAV", "uint8", (32044,)),
        ("decode", "int16", (16000,)),
        ("spectrogram", "float32", (49, 257)),
        ("microfrontend", "int8", (49, 40)),
        ("CNN, filters", "float32", (25, 20, 8)),
        ("CNN, output", "float32", (4,)),
    ]
    assert made.raw.tobytes() == spoken["yes"].read_bytes()
    assert made.decoded.tobytes() == made.raw.tobytes()[44:]
    assert (made.features == frontend.window_int8(made.decoded)).all()
    assert sound.hexdump(made.raw.tobytes(), 1).startswith("52 49 46 46 24 7d 00 00 57 41 56 45")
    assert sound.hexdump(made.raw.tobytes(), 2).splitlines()[0].endswith("RIFF$}..WAVEfmt ")


def test_a_tone_stands_at_its_frequency() -> None:
    tone = np.round(32767 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)).astype(np.int16)
    made = sound.spectrogram(tone)
    assert (made.argmax(axis=1) == 1000 * 512 // 16000).all()
    assert made.max() == pytest.approx(0, abs=0.5)
    assert sound.spectrogram(np.zeros(16000, np.int16)).max() == pytest.approx(-120)


def test_the_command_hears_the_words(figures: Any) -> None:
    pytest.importorskip("espeakng_loader")
    found = figures("sound")
    for word in ("yes", "no"):
        assert max(found[word]["scores"], key=found[word]["scores"].get) == word
        assert found[word]["stages"][0] == {"stage": "raw WAV", "shape": [32044], "dtype": "uint8"}


def test_real_clips_where_given(figures: Any, tflm_micro_speech: Path, tmp_path: Path) -> None:
    data = tflm_micro_speech / "testdata"
    given = ("--yes", data / "yes_1000ms.wav", "--no", data / "no_1000ms.wav")
    found = figures("sound", *given, "--plot", tmp_path / "sound.png")
    assert found["yes"]["scores"]["yes"] > 0.5 and found["no"]["scores"]["no"] > 0.5
    assert 10_000 < (tmp_path / "sound.png").stat().st_size < 80_000


def test_filters(figures: Any, tmp_path: Path, model: TinyConv) -> None:
    pytest.importorskip("espeakng_loader")
    found = figures("filters", "--plot", tmp_path / "filters.png")["filters"]
    assert len(found) == 8
    assert all(0 < each["late"] < 1 and 0 < each["upper"] < 1 for each in found)
    assert max(each["largest"] for each in found) > 1, "nothing answers a word"
    assert (tmp_path / "filters.png").stat().st_size < 80_000
    quiet = filters.describe(model, np.full((49, 40), -128, np.int8))
    assert max(each["largest"] for each in quiet) == pytest.approx(max(0, model.filter_bias.max()))


def test_a_late_and_an_upper_filter_are_told() -> None:
    weights = np.zeros((10, 8, 2), np.float32)
    weights[7:, :, 0] = -1
    weights[:, 6:, 1] = 1
    dense = np.zeros((2, 1000), np.float32)
    made = TinyConv(("a", "b"), 0.1, weights, np.zeros(2, np.float32), dense, np.zeros(2, np.float32))
    first, second = filters.describe(made, np.zeros((49, 40), np.int8))
    assert (first["late"], first["upper"]) == (1, 0.5)
    assert (second["late"], second["upper"]) == (0.5, 1)
    assert first["largest"] == 0 and second["largest"] > 0


@pytest.mark.parametrize("name", ["regression/regression.tflite", "dense/dense_float32.tflite"])
def test_other_models_have_no_filters(lesson: Any, name: str) -> None:
    done = lesson("filters", MODELS / name)
    assert done.exit_code == 1
    assert "is no tiny_conv; choose one, such as micro_speech" in str(done.exception)


def test_recordings_that_are_none(lesson: Any, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("hello\n")
    for words in (("sound", "--yes"), ("filters",)):
        done = lesson(*words, tmp_path / "text.wav")
        assert done.exit_code == 1 and "cannot read" in str(done.exception)
        done = lesson(*words, tmp_path / "nope.wav")
        assert done.exit_code == 2 and "nope.wav" in done.output
