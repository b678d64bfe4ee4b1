"""What the line costs: instructions on the simulated Cortex-M4, bytes, and speed on this computer.

Instructions and bytes are exact and repeat; cycles and current are estimates from them; speeds are of this
machine, in seconds of CPU time, and stand side by side in one run so that their ratio means something.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earkit import paths
from earkit.bench import power
from earkit.bench.board_model import BoardModel
from earkit.bench.cycles import disassemble, estimate
from earkit.core import frontend
from earkit.core.model_folder import read_header
from earkit.errors import MissingExtraError, require
from earkit.progress import Progress, silent
from earkit.settings import FrontendSettings
from earkit.simulator.board import SimulatedBoard
from earkit.simulator.probe import Probe
from earkit.spotter.simulated import play
from earkit.toolchain import size
from earkit.toolchain.arm import link_probe

HERTZ = 64_000_000
SETTINGS = FrontendSettings()
FRONTEND = ["ear_frontend_init", "ear_frontend_feed"]
EXACT = (
    "cnn_whole_instructions", "cnn_whole_cycles", "cnn_step_instructions", "cnn_step_cycles",
    "cnn_start_instructions", "frontend_hop_instructions", "frontend_hop_cycles",
    "frontend_start_instructions", "startup_instructions", "flash_bytes", "stack_bytes", "ram_bytes",
    "cpu_share_64mhz", "cpu_share_estimated_cycles", "image_flash_bytes", "image_ram_bytes",
)  # fmt: skip
"""What is the same in every run."""

_CLIPS = 200
_BOOT_SECONDS = 0.1
"""Simulated; the answer to hello comes within."""


def bench(image: Path, folder: Path, progress: Progress = silent) -> dict[str, float]:
    """Measure the image of the spotter and the model's folder it was built from.

    `tf_op_clips_per_second` is missing where TensorFlow is not installed.
    """
    result: dict[str, float] = {}
    stages: list[Callable[[], dict[str, float]]] = [
        lambda: model_cost(folder),
        frontend_cost,
        lambda: together(folder, result),
        lambda: image_cost(image, result),
        lambda: simulator_start(image),
        host_speed,
        op_speed,
    ]
    for done, stage in enumerate(stages):
        progress("measuring", done, len(stages))
        result |= stage()
    progress("measuring", len(stages), len(stages))
    return result


def model_cost(folder: Path) -> dict[str, float]:
    """One whole inference and one step of a stream; only the former for a model that cannot stream."""
    board = BoardModel(folder)
    whole, step, start = board.measure(), board.measure_step(), board.measure_start()
    found: dict[str, float] = {
        "cnn_whole_instructions": whole.instructions,
        "cnn_whole_cycles": board.cycles("model_invoke"),
        "cnn_stack_bytes": max(whole.stack_bytes, step.stack_bytes if step else 0),
    }
    if step and start:
        found |= {
            "cnn_step_instructions": step.instructions,
            "cnn_step_cycles": board.cycles("model_step"),
            "cnn_start_instructions": start.instructions,
        }
    return found


def frontend_cost() -> dict[str, float]:
    """One hop of white noise on the simulated core, and the front end's start."""
    with tempfile.TemporaryDirectory(prefix="earkit-bench-") as scratch:
        elf = link_probe(frontend_sources(), [], Path(scratch) / "frontend.elf", keep=FRONTEND)
        probe, code = Probe(elf), disassemble(elf)
    state, block, row, ready = (probe.alloc(count) for count in (2048, 2 * SETTINGS.window_samples, 80, 4))
    start = probe.call("ear_frontend_init", state)
    noise = np.random.default_rng(0).integers(-9000, 9000, SETTINGS.window_samples).astype(np.int16)
    probe.write(block, noise.tobytes())
    probe.call("ear_frontend_feed", state, block, SETTINGS.window_samples, row, ready)
    hop = probe.call("ear_frontend_feed", state, block, SETTINGS.hop_samples, row, ready)
    profile = probe.profile("ear_frontend_feed", state, block, SETTINGS.hop_samples, row, ready)
    return {
        "frontend_hop_instructions": hop.instructions,
        "frontend_hop_cycles": estimate(profile, code),
        "frontend_start_instructions": start.instructions,
        "frontend_stack_bytes": hop.stack_bytes,
    }


def frontend_sources() -> list[Path]:
    return sorted((paths.kit() / "firmware/core/frontend").glob("*.c"))


def together(folder: Path, cost: dict[str, float]) -> dict[str, float]:
    """Front end and model without an application: what a firmware of one's own would add."""
    header = read_header(folder)
    keep = [*FRONTEND, "model_invoke", *(["model_start", "model_step"] if header.step_rows else [])]
    sources = [*frontend_sources(), folder / "model.c", *header.kernels]
    with tempfile.TemporaryDirectory(prefix="earkit-bench-") as scratch:
        elf = link_probe(sources, [folder], Path(scratch) / "both.elf", keep=keep)
        flash = size.measure(elf).flash
    window = sum(t.count for t in header.inputs) if not header.step_rows else 0
    stack = max(cost["frontend_stack_bytes"], cost["cnn_stack_bytes"])
    working = header.state_bytes or header.arena_bytes
    return {
        "startup_instructions": cost["frontend_start_instructions"] + cost.get("cnn_start_instructions", 0),
        "flash_bytes": flash,
        "stack_bytes": stack,
        "ram_bytes": frontend.STATE_BYTES + working + window + stack,
    }


def image_cost(image: Path, cost: dict[str, float]) -> dict[str, float]:
    """The spotter listening to ten seconds of noise on the simulated board."""
    measured = size.measure(image)
    noise = np.random.default_rng(0).integers(-2000, 2000, 10 * SETTINGS.sample_rate).astype(np.int16)
    began = time.process_time()
    run = play(image, noise)
    took = time.process_time() - began
    share = run.instructions / (run.seconds * HERTZ)
    decision = "step" if "cnn_step_cycles" in cost else "whole"
    cycles = 2 * cost["frontend_hop_cycles"] + cost[f"cnn_{decision}_cycles"]
    instructions = 2 * cost["frontend_hop_instructions"] + cost[f"cnn_{decision}_instructions"]
    in_cycles = share * cycles / instructions
    return {
        "cpu_share_64mhz": round(share, 4),
        "cpu_share_estimated_cycles": round(in_cycles, 4),
        "asleep_share": round(run.asleep, 4),
        "estimated_current_ma": round(power.average_ma(in_cycles), 2),
        "image_flash_bytes": measured.flash,
        "image_ram_bytes": measured.ram + measured.stack,
        "simulator_realtime_factor": round(run.seconds / took, 1),
    }


def simulator_start(image: Path) -> dict[str, float]:
    """From nothing to the board's first line on the serial port, seconds."""
    began = time.process_time()
    with SimulatedBoard(image) as board:
        board.run(_BOOT_SECONDS)
        board.write(b"hello\n")
        board.run(_BOOT_SECONDS)
    return {"simulator_first_line_seconds": round(time.process_time() - began, 2)}


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

    def hear(samples: NDArray[np.int16]) -> object:
        return op.audio_microfrontend(
            tensorflow.constant(samples),
            sample_rate=SETTINGS.sample_rate,
            window_size=SETTINGS.window_ms,
            window_step=SETTINGS.hop_ms,
            num_channels=SETTINGS.channels,
            upper_band_limit=SETTINGS.upper_hz,
            lower_band_limit=SETTINGS.lower_hz,
            enable_pcan=True,
        )

    return {
        "tf_op_clips_per_second": _clips_per_second(hear),
        "tf_op_one_long_call_clips_per_second": _clips_per_second(hear, seconds=_CLIPS),
    }


def _clips_per_second(hear: Callable[[NDArray[np.int16]], object], seconds: int = 1) -> float:
    """One-second clips a second, the best of three rounds, heard `seconds` at a time."""
    clips = np.random.default_rng(0).integers(
        -9000, 9000, (_CLIPS // seconds, seconds * SETTINGS.sample_rate)
    )
    chunks = clips.astype(np.int16)
    hear(chunks[0])
    rounds = []
    for _ in range(3):
        began = time.process_time()
        for chunk in chunks:
            hear(chunk)
        rounds.append(time.process_time() - began)
    return round(_CLIPS / min(rounds))
