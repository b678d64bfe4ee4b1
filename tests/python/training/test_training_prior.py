"""`unknown` counts as one label among others."""

from typing import Any

import numpy as np
import pytest

from earkit.audio.dataset import Dataset

pytest.importorskip("tensorflow", reason="the train extra is not installed")

from earkit.training import backend, examples, models, prior
from earkit.training.epoch import real


def softmax(logits: Any) -> Any:
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_takes_back_the_prior_of_a_model_that_learnt_it() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 20000)
    heard = rng.normal(0, 1, (len(labels), 4)) + 2 * np.eye(4)[labels]
    learnt = softmax(2 * heard + np.array([0, 1.2, 0, 0]))  # Bayes' rule with e^1.2 times as many others
    assert prior.best_shift(learnt.astype(np.float32), labels) == pytest.approx(1.2, abs=0.1)
    assert prior.best_shift(softmax(2 * heard).astype(np.float32), labels) <= 0.1


def test_moves_the_models_own_bias(language: Dataset) -> None:
    backend.keras().utils.set_random_seed(1)
    model, clips = models.build("temporal", 4), examples.make(language.validation, 1)
    last = model.layers[-1]
    last.set_weights([last.get_weights()[0], np.array([0, 1, 0, 0], np.float32)])
    windows = real(clips.middle_windows())
    before = model.predict(windows, verbose=0)
    shift = prior.even_out(model, clips)
    wanted = softmax(np.log(before) - shift * np.eye(4)[1])
    assert shift > 0.5 and np.allclose(model.predict(windows, verbose=0), wanted, atol=1e-4)
