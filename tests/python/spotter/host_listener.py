"""Run by listeners.py: MODULE MODEL LABELS SOUND. Prints what each way of the host hears as JSON."""

import importlib.util
import json
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

module, model, labels, sound = sys.argv[1:]
if module:  # the C core under test, in place of the one that is installed
    import earkit.core

    spec = importlib.util.spec_from_file_location("earkit.core._core", module)
    assert spec and spec.loader
    loaded = importlib.util.module_from_spec(spec)
    sys.modules["earkit.core._core"] = loaded
    spec.loader.exec_module(loaded)
    earkit.core._core = loaded  # type: ignore[attr-defined]

from earkit.monitor.ear import Ear, blocks_of  # noqa: E402
from earkit.monitor.reports import NOBODY, Detection  # noqa: E402
from earkit.spotter.heard import Heard  # noqa: E402
from earkit.spotter.host import Listener, listen  # noqa: E402
from earkit.spotter.model import load, settings_of  # noqa: E402

samples = np.fromfile(sound, "<i2").astype(np.int16)
engine = load(Path(model))
settings = replace(settings_of(Path(model)), labels=tuple(labels.split(",")))
blocks = list(blocks_of([samples]))
steps = map(Listener(engine, settings).hear, blocks)
reports = Ear("ear", engine, settings, NOBODY).hear(blocks, threading.Event())
ways: dict[str, Sequence[Heard]] = {
    "batch": listen(engine, samples, settings),
    "blocks": [step.heard for step in steps if step.heard],
    "monitor": [one for one in reports if isinstance(one, Detection)],
}
print(json.dumps({way: [[one.label, one.score, one.ms] for one in found] for way, found in ways.items()}))
