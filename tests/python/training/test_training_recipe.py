"""From data to a .tflite: it learns, it repeats, and the file is what the board needs."""

import numpy as np
import pytest
import tflite

from earshot.audio.dataset import Dataset
from earshot.errors import ModelError
from earshot.settings import METADATA_NAME, ModelSettings, RecognizerSettings

pytest.importorskip("tensorflow", reason="the train extra is not installed")

from earshot.training import models, quantise, recipe
from earshot.training.fit import FitSettings, real
from earshot.training.recipe import Made

SETTINGS = FitSettings(epochs=6, windows=1024, passes=1)


@pytest.fixture(scope="module")
def made(language: Dataset) -> Made:
    return recipe.train(language, "tiny_conv", seed=3, settings=SETTINGS)


@pytest.fixture(scope="module")
def graph(made: Made) -> tflite.SubGraph:
    return tflite.Model.GetRootAs(made.tflite, 0).Subgraphs(0)


def test_learns_to_tell_rising_from_falling(made: Made) -> None:
    recall = made.confusion.diagonal() / made.confusion.sum(axis=1)
    assert made.confusion[1:].sum() == 60 and recall[2:].min() >= 0.9, made.confusion
    assert made.history["val_loss"][-1] < 0.6 * made.history["val_loss"][0]
    assert all(len(values) == SETTINGS.epochs for values in made.history.values())


def test_same_seed_same_file(language: Dataset, made: Made) -> None:
    assert recipe.train(language, "tiny_conv", seed=3, settings=SETTINGS).tflite == made.tflite
    assert recipe.train(language, "tiny_conv", seed=4, settings=SETTINGS).tflite != made.tflite


def test_holds_the_weights_of_the_best_epoch(made: Made) -> None:
    best = int(np.argmin(made.history["val_loss"]))
    windows = made.trained.validation.middle_windows()
    loss = made.trained.model.evaluate(real(windows), made.trained.validation.labels, verbose=0)[0]
    assert loss < 1.5 * made.history["val_loss"][best]


def test_tiny_conv_is_tflms(made: Made) -> None:
    assert made.trained.model.count_params() == 16_652
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
