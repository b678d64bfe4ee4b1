"""The models: one file each, with a function `layers(window, labels)`; the file's name is the model's."""

import importlib
import pkgutil
from types import ModuleType
from typing import Any

from earshot.errors import ModelError, require
from earshot.settings import FrontendSettings


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def build(name: str, labels: int, batch_size: int | None = None) -> Any:
    """The untrained keras.Model `name`: float32[batch, 49, 40, 1] in, probabilities[batch, labels] out.

    The input is a feature window in real units, 0..26. Raises ModelError for a name that is not known.
    """
    if name not in names():
        raise ModelError(f"there is no model {name}", f"choose among: {', '.join(names())}")
    keras = require("keras", "train")
    module: ModuleType = importlib.import_module(f"{__name__}.{name}")
    frontend = FrontendSettings()
    window = keras.Input((frontend.frames, frontend.channels, 1), batch_size=batch_size, name="window")
    return keras.Model(window, module.layers(window, labels), name=name)
