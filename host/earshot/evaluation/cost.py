"""What the line costs: instructions on the simulated Cortex-M4, bytes, and speed on this computer.

Instructions and bytes are exact and repeat; speeds are of this machine at this moment, and stand side by
side in one run so that their ratio means something.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earshot import paths
from earshot.core import frontend
from earshot.errors import MissingExtraError, require
from earshot.evaluation.board_model import BoardModel
from earshot.evaluation.listening import SAMPLE_RATE
from earshot.evaluation.playback import play
from earshot.progress import Progress, silent
from earshot.settings import FrontendSettings
from earshot.simulator.probe import Probe
from earshot.toolchain import size
from earshot.toolchain.arm import link_probe

HERTZ = 64_000_000
SETTINGS = FrontendSettings()
_CLIPS = 200


def bench(image: Path, folder: Path, progress: Progress = silent) -> dict[str, float]:
    """Measure the image of the spotter and the model's folder it was built from.

    `tf_op_clips_per_second` is missing where TensorFlow is not installed.
    """
    stages: list[Callable[[], dict[str, float]]] = [
        lambda: model_cost(folder),
        frontend_cost,
        lambda: image_cost(image),
        host_speed,
        op_speed,
    ]
    result: dict[str, float] = {}
    for done, stage in enumerate(stages):
        progress("measuring", done, len(stages))
        result |= stage()
    progress("measuring", len(stages), len(stages))
    return result


def model_cost(folder: Path) -> dict[str, float]:
    cost = BoardModel(folder).measure()
    return {"cnn_whole_instructions": cost.instructions, "cnn_stack_bytes": cost.stack_bytes}


def frontend_cost() -> dict[str, float]:
    """One hop of white noise on the simulated core, and the front end's start."""
    sources = sorted((paths.kit() / "firmware/core/frontend").glob("*.c"))
    with tempfile.TemporaryDirectory(prefix="earshot-bench-") as scratch:
        elf = Path(scratch) / "frontend.elf"
        probe = Probe(link_probe(sources, [], elf, keep=["ear_frontend_init", "ear_frontend_feed"]))
        flash = size.measure(elf).flash
    state, block, row, ready = (probe.alloc(count) for count in (2048, 2 * SETTINGS.window_samples, 80, 4))
    start = probe.call("ear_frontend_init", state)
    noise = np.random.default_rng(0).integers(-9000, 9000, SETTINGS.window_samples).astype(np.int16)
    probe.write(block, noise.tobytes())
    probe.call("ear_frontend_feed", state, block, SETTINGS.window_samples, row, ready)
    hop = probe.call("ear_frontend_feed", state, block, SETTINGS.hop_samples, row, ready)
    return {
        "frontend_hop_instructions": hop.instructions,
        "startup_instructions": start.instructions,
        "frontend_flash_bytes": flash,
        "frontend_stack_bytes": hop.stack_bytes,
    }


def image_cost(image: Path) -> dict[str, float]:
    """The spotter listening to ten seconds of noise on the simulated board."""
    measured = size.measure(image)
    noise = np.random.default_rng(0).integers(-2000, 2000, 10 * SAMPLE_RATE).astype(np.int16)
    began = time.perf_counter()
    run = play(image, noise)
    took = time.perf_counter() - began
    return {
        "cpu_share_64mhz": round(run.instructions / (run.seconds * HERTZ), 4),
        "image_flash_bytes": measured.flash,
        "ram_bytes": measured.ram + measured.stack,
        "simulator_realtime_factor": round(run.seconds / took, 1),
    }


def host_speed() -> dict[str, float]:
    return {"host_frontend_clips_per_second": _clips_per_second(frontend.features)}


def op_speed() -> dict[str, float]:
    """TensorFlow's `audio_microfrontend` op on the same clips, one call each."""
    try:
        tensorflow: Any = require("tensorflow", "train")
        module = "tensorflow.lite.experimental.microfrontend.python.ops.audio_microfrontend_op"
        op: Any = require(module, "train")
    except MissingExtraError:
        return {}
    return {
        "tf_op_clips_per_second": _clips_per_second(
            lambda samples: op.audio_microfrontend(
                tensorflow.constant(samples),
                sample_rate=SETTINGS.sample_rate,
                window_size=SETTINGS.window_ms,
                window_step=SETTINGS.hop_ms,
                num_channels=SETTINGS.channels,
                upper_band_limit=SETTINGS.upper_hz,
                lower_band_limit=SETTINGS.lower_hz,
                enable_pcan=True,
            )
        )
    }


def _clips_per_second(hear: Callable[[NDArray[np.int16]], object]) -> float:
    clips = np.random.default_rng(0).integers(-9000, 9000, (_CLIPS, SAMPLE_RATE)).astype(np.int16)
    hear(clips[0])
    began = time.perf_counter()
    for clip in clips:
        hear(clip)
    return round(_CLIPS / (time.perf_counter() - began))
