"""The models: one file each, whose name is the model's. It holds a function `layers(window, labels)`, and in
FIT and CHANGE those fields of FitSettings and Augmentation that are another for this model."""

import importlib
import pkgutil
from dataclasses import replace
from types import ModuleType
from typing import Any

from earkit.errors import ModelError
from earkit.settings import FrontendSettings
from earkit.training import backend
from earkit.training.settings import Augmentation, FitSettings


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def build(name: str, labels: int, batch_size: int | None = None) -> Any:
    """The untrained keras.Model `name`: float32[batch, 49, 40, 1] in, probabilities[batch, labels] out.

    The input is a feature window in real units, 0..26. Raises ModelError for a name that is not known.
    """
    module = _module(name)
    keras = backend.keras()
    frontend = FrontendSettings()
    window = keras.Input((frontend.frames, frontend.channels, 1), batch_size=batch_size, name="window")
    return keras.Model(window, module.layers(window, labels), name=name)


def settings_for(name: str, words: int = 2) -> FitSettings:
    """How the model `name` is trained on so many words to hear: the more there are, the less of the windows
    are other words, speech and silence. Raises ModelError for a name that is not known."""
    module = _module(name)
    found = replace(FitSettings(), augmentation=replace(Augmentation(), **module.CHANGE), **module.FIT)
    part = min(1.0, 4 / (words + 2))
    return replace(
        found,
        silence=part * found.silence,
        unknown=part * found.unknown,
        speech=part * found.speech,
        hard=part * found.hard,
    )


def _module(name: str) -> ModuleType:
    if name not in names():
        raise ModelError(f"there is no model {name}", f"choose among: {', '.join(names())}")
    backend.keras()
    return importlib.import_module(f"{__name__}.{name}")
