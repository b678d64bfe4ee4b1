"""Where a training stands, kept in a file after each epoch, so that it can be stopped and go on."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from earkit import files

Weights = list[NDArray[Any]]


@dataclass
class State:
    epoch: int
    """Epochs done."""
    history: dict[str, list[float]]
    best_weights: Weights
    watched: str
    """Of the history: what decides which epoch is best. Of a loss the least is, of all else the most."""

    @classmethod
    def of(cls, model: Any, watched: str) -> Self:
        """Of a model that has not been trained."""
        return cls(0, {}, model.get_weights(), watched)

    @property
    def best_epoch(self) -> int:
        """Epochs done after the best of them; 0 before the first."""
        best = np.argmin if self.watched.endswith("loss") else np.argmax
        return int(best(self.history[self.watched])) + 1 if self.history else 0

    def add(self, model: Any, measures: dict[str, float]) -> None:
        """Take in one more epoch of `model`."""
        for name, value in measures.items():
            self.history.setdefault(name, []).append(value)
        self.epoch += 1
        if self.best_epoch == self.epoch:
            self.best_weights = model.get_weights()


@dataclass(frozen=True)
class Checkpoint:
    file: Path
    about: str
    """Everything that the training depends on; a file about something else is not read."""

    def save(self, model: Any, state: State) -> None:
        facts = {
            "about": self.about,
            "epoch": state.epoch,
            "history": state.history,
            "watched": state.watched,
        }
        arrays: dict[str, Any] = {f"now_{i}": value for i, value in enumerate(_variables(model))}
        arrays |= {f"best_{i}": value for i, value in enumerate(state.best_weights)}
        with files.replacing(self.file) as temporary:
            np.savez(temporary, facts=np.array(json.dumps(facts)), **arrays)

    def load(self, model: Any) -> State | None:
        """Bring `model` to where it was when saved; None, and the model as it was, without a file about
        the same training, of a model of the same shapes. A damaged file is none."""
        try:
            return self._load(model)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def _load(self, model: Any) -> State | None:
        with np.load(self.file) as kept:
            facts = json.loads(str(kept["facts"]))
            now = [kept[name] for name in kept.files if name.startswith("now_")]
            variables = (*model.variables, *model.optimizer.variables)
            shapes = [tuple(variable.shape) for variable in variables]
            if facts["about"] != self.about or [value.shape for value in now] != shapes:
                return None
            best = [kept[f"best_{i}"] for i in range(len(model.get_weights()))]
        for variable, value in zip(variables, now, strict=True):
            variable.assign(value)
        return State(facts["epoch"], facts["history"], best, facts["watched"])

    def remove(self) -> None:
        self.file.unlink(missing_ok=True)


def _variables(model: Any) -> Weights:
    """Weights, the generators of dropout, and the optimiser's memory."""
    return [np.asarray(variable) for variable in (*model.variables, *model.optimizer.variables)]
