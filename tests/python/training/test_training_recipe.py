"""From data to a .tflite: it learns, it repeats, and the file is what the board needs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tflite

from earkit.audio.dataset import Dataset
from earkit.errors import DataError, ModelError
from earkit.settings import METADATA_NAME, ModelSettings, RecognizerSettings

pytest.importorskip("tensorflow", reason="the train extra is not installed")

from earkit.training import models, quantise, recipe
from earkit.training.checkpoint import Checkpoint, State
from earkit.training.epoch import real
from earkit.training.recipe import Made
from earkit.training.settings import FitSettings

SETTINGS = FitSettings(epochs=6, windows=1024, passes=1, seed=3)


@pytest.fixture(scope="module")
def made(language: Dataset) -> Made:
    return recipe.train(language, "tiny_conv", SETTINGS)


@pytest.fixture(scope="module")
def graph(made: Made) -> tflite.SubGraph:
    return tflite.Model.GetRootAs(made.tflite, 0).Subgraphs(0)


def test_learns_to_tell_rising_from_falling(made: Made) -> None:
    recall = made.confusion.diagonal() / made.confusion.sum(axis=1)
    assert made.confusion[1:].sum() == 60 and recall[2:].min() >= 0.9, made.confusion
    assert made.history["val_loss"][-1] < 0.6 * made.history["val_loss"][0]
    assert all(len(values) == SETTINGS.epochs for values in made.history.values())


def test_same_seed_same_file(language: Dataset, made: Made) -> None:
    assert recipe.train(language, "tiny_conv", SETTINGS).tflite == made.tflite
    assert recipe.train(language, "tiny_conv", replace(SETTINGS, seed=4)).tflite != made.tflite


def test_holds_the_weights_of_the_best_epoch(made: Made) -> None:
    windows, labels = made.trained.validation.middle_windows(), made.trained.validation.labels
    found = made.trained.model.predict(real(windows), verbose=0).argmax(axis=1)
    assert np.mean(found == labels) > max(made.history["val_accuracy"]) - 0.1


def test_tiny_conv_is_tflms(made: Made) -> None:
    assert made.trained.model.count_params() == 16_652 + 24  # normalisation, which is folded away
    with pytest.raises(ModelError, match="tiny_conv"):
        models.build("no_such_model", 4)


def test_operators_and_input(graph: tflite.SubGraph, made: Made) -> None:
    model = tflite.Model.GetRootAs(made.tflite, 0)
    operators = [graph.Operators(i).OpcodeIndex() for i in range(graph.OperatorsLength())]
    codes = [model.OperatorCodes(index).BuiltinCode() for index in operators]
    wanted = ["DEPTHWISE_CONV_2D", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX"]
    assert codes == [getattr(tflite.BuiltinOperator, name) for name in wanted]
    window = graph.Tensors(graph.Inputs(0))
    assert window.ShapeAsNumpy().tolist() == [1, 49, 40, 1] and window.Type() == tflite.TensorType.INT8
    assert window.Quantization().Scale(0) == pytest.approx(26 / 255, rel=1e-4)
    assert window.Quantization().ZeroPoint(0) == -128


def test_dense_is_per_tensor_and_convolution_per_channel(graph: tflite.SubGraph) -> None:
    lengths = [graph.Tensors(graph.Operators(i).Inputs(1)).Quantization().ScaleLength() for i in (0, 2)]
    assert lengths == [8, 1]


def metadata(model: bytes) -> list[tuple[str, bytes]]:
    root = tflite.Model.GetRootAs(model, 0)
    entries = [root.Metadata(i) for i in range(root.MetadataLength())]
    return [(e.Name().decode(), root.Buffers(e.Buffer()).DataAsNumpy().tobytes()) for e in entries]


def test_settings_travel_inside_and_can_be_changed(made: Made) -> None:
    assert ModelSettings.from_json(dict(metadata(made.tflite))[METADATA_NAME]) == made.settings
    other = ModelSettings(("a", "b", "ć"), recognizer=RecognizerSettings(threshold=99))
    changed = quantise.with_settings(made.tflite, other)
    found = [value for name, value in metadata(changed) if name == METADATA_NAME]
    assert [ModelSettings.from_json(value) for value in found] == [other]
    back = quantise.with_settings(changed, made.settings)
    assert back == quantise.with_settings(made.tflite, made.settings)


def test_board_arithmetic_agrees_with_the_float_model(made: Made) -> None:
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime", reason="no check extra")
    interpreter = runtime.Interpreter.from_bytes(made.tflite)
    windows = made.trained.validation.middle_windows()
    expected = made.trained.model.predict(real(windows), verbose=0)
    for window, scores in zip(windows, expected, strict=True):
        interpreter.set_input(window.reshape(1, 49, 40, 1), 0)
        interpreter.invoke()
        found = (interpreter.get_output(0).ravel().astype(int) + 128) / 256
        assert np.abs(found - scores).max() < 0.15


class StoppedError(Exception):
    pass


def test_a_stopped_training_goes_on_to_the_same_weights(
    language: Dataset, made: Made, tmp_path: Path
) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "this training")

    def stop(stage: str, done: int, _total: int, _note: str = "") -> None:
        if (stage, done) == ("training", 3):
            raise StoppedError

    with pytest.raises(StoppedError):
        recipe.train(language, "tiny_conv", SETTINGS, stop, checkpoint)
    epochs: list[int] = []
    again = recipe.train(
        language,
        "tiny_conv",
        SETTINGS,
        lambda stage, done, *_: epochs.append(done) if stage == "training" else None,
        checkpoint,
    )
    assert epochs[0] == 4 and again.tflite == made.tflite and again.history == made.history


def test_a_checkpoint_of_another_training_is_not_read(language: Dataset, tmp_path: Path) -> None:
    short = replace(SETTINGS, epochs=1)
    recipe.train(language, "tiny_conv", short, checkpoint=Checkpoint(tmp_path / "c.npz", "one"))
    other = recipe.train(language, "tiny_conv", short, checkpoint=Checkpoint(tmp_path / "c.npz", "two"))
    assert len(other.history["loss"]) == 1


def test_a_checkpoint_of_other_layers_is_not_read(tmp_path: Path) -> None:
    file = Checkpoint(tmp_path / "c.npz", "this training")
    three, four = models.build("tiny_conv", 3), models.build("tiny_conv", 4)
    for model in (three, four):
        model.compile("adam")
        model.optimizer.build(model.trainable_variables)
    file.save(three, State(1, {"val_loss": [0.5]}, three.get_weights(), "val_loss"))
    before = four.get_weights()
    assert file.load(four) is None
    assert all(np.array_equal(*pair) for pair in zip(before, four.get_weights(), strict=True))
    again = file.load(three)
    assert again is not None and again.epoch == 1
    whole = file.file.read_bytes()
    for damaged in (b"", b"no archive", whole[: len(whole) // 2], whole[:900] + bytes(900) + whole[1800:]):
        file.file.write_bytes(damaged)
        assert file.load(three) is None


def test_float_weights_are_read_back(made: Made, tmp_path: Path) -> None:
    file = tmp_path / "model.keras"
    recipe.save_float(made.trained.model, file)
    windows = real(made.trained.validation.middle_windows()[:5])
    known = made.trained.model.predict(windows, verbose=0)
    np.testing.assert_allclose(recipe.load_float(file, 4)(windows), known, atol=1e-6)
    with pytest.raises(DataError, match="4 labels, not 5"):
        recipe.load_float(file, 5)
    (tmp_path / "text.keras").write_text("nothing")
    with pytest.raises(DataError, match="not a trained model"):
        recipe.load_float(tmp_path / "text.keras", 4)


@pytest.mark.parametrize("name", models.names())
def test_every_model_has_a_shape_and_settings(name: str) -> None:
    model = models.build(name, 4)
    assert model.input_shape == (None, 49, 40, 1) and model.output_shape == (None, 4)
    assert models.settings_for(name).epochs > 0


@pytest.mark.parametrize(("watched", "best"), [("val_accuracy", 1), ("val_loss", 3)])
def test_which_epoch_is_kept(watched: str, best: int) -> None:
    model = models.build("tiny_conv", 3)
    state, weights = State.of(model, watched), []
    for accuracy, loss in ((0.9, 0.5), (0.8, 0.4), (0.85, 0.3), (0.85, 0.35)):
        model.set_weights([values + 1 for values in model.get_weights()])
        weights.append(model.get_weights())
        state.add(model, {"val_accuracy": accuracy, "val_loss": loss})
    assert state.best_epoch == best
    for kept, then in zip(state.best_weights, weights[best - 1], strict=True):
        np.testing.assert_array_equal(kept, then)
