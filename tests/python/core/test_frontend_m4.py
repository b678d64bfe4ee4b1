"""The front end as the board runs it: the DSP path's bits, and what a hop costs."""

import shutil

import numpy as np
import pytest
from numpy.typing import NDArray

from earkit import paths
from earkit.core.frontend import features

pytest.importorskip("unicorn")
from earkit.simulator.probe import Call, Probe
from earkit.toolchain.arm import link_probe

HOP, WINDOW, CHANNELS = 320, 480, 40
FRONTEND = "firmware/core/frontend"
RNG = np.random.default_rng(7)
SOUNDS = {
    "noise": RNG.integers(-9000, 9000, 16000).astype(np.int16),
    "full scale": RNG.choice(np.array([-32768, 32767], np.int16), 8000),
    "faint": RNG.integers(-3, 4, 8000).astype(np.int16),
    "silence": np.zeros(3000, np.int16),
    "least alone": np.where(np.arange(4000) % HOP == 239, -32768, 0).astype(np.int16),
    "least in faint noise": np.where(np.arange(4000) % HOP == 239, -32768, RNG.integers(-9, 9, 4000)).astype(
        np.int16
    ),
}


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Probe:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("the Arm compiler is not installed")
    elf = tmp_path_factory.mktemp("frontend") / "frontend.elf"
    sources = sorted((paths.kit() / FRONTEND).glob("*.c"))
    return Probe(link_probe(sources, [], elf, keep=["ear_frontend_init", "ear_frontend_feed"]))


def hear(probe: Probe, samples: NDArray[np.int16]) -> tuple[NDArray[np.uint16], list[Call]]:
    """Rows and calls of the hops, block by block as the microphone brings them."""
    state, block = probe.alloc(2048), probe.alloc(2 * HOP)
    row, ready = probe.alloc(2 * CHANNELS), probe.alloc(4)
    probe.call("ear_frontend_init", state)
    rows, calls, at = [], [], 0
    while at < len(samples):
        chunk = samples[at : at + (HOP if at else WINDOW - HOP)]
        probe.write(block, chunk.tobytes())
        call = probe.call("ear_frontend_feed", state, block, len(chunk), row, ready)
        at += call.value
        if probe.read(ready, 1) == b"\x01":
            rows.append(np.frombuffer(probe.read(row, 2 * CHANNELS), np.uint16))
            calls.append(call)
    return np.array(rows), calls


@pytest.mark.parametrize("name", SOUNDS)
def test_the_board_gives_the_bits_of_the_host(probe: Probe, name: str) -> None:
    rows, _ = hear(probe, SOUNDS[name])
    np.testing.assert_array_equal(rows, features(SOUNDS[name]))


def test_a_hop_costs_at_most_35000_instructions_and_2_kb_of_stack(probe: Probe) -> None:
    _, calls = hear(probe, SOUNDS["noise"])
    assert max(call.instructions for call in calls) <= 35_000
    assert max(call.stack_bytes for call in calls) <= 2048
    assert probe.call("ear_frontend_init", probe.alloc(2048)).instructions <= 1000
