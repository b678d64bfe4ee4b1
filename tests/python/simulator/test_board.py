"""The whole simulated board with the real firmware: the same twice, traced, and locked up."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("unicorn", reason="no simulated board without the sim extra")

from earkit.audio import clips
from earkit.compiler.export import export_model
from earkit.errors import SimulatorError
from earkit.simulator.board import SimulatedBoard
from earkit.simulator.trace import Trace
from earkit.toolchain import arm, platformio


@pytest.fixture(scope="module")
def firmware(tflm_micro_speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    folder = tmp_path_factory.mktemp("firmware")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        export_model(tflm_micro_speech / "models/micro_speech_quantized.tflite", folder / "model")
        yield platformio.build("sim", folder / "model")


def hear(elf: Path, wav: Path, slices: int) -> tuple[bytes, int, int]:
    """Serial bytes, instructions and time of hearing `wav`, run in `slices` parts."""
    silence = np.zeros(16000, np.int16)
    with SimulatedBoard(elf) as board:
        board.play(np.concatenate([silence, clips.read(wav).samples, silence]))
        sent = b"".join(board.run(3.0 / slices) for _ in range(slices))
        return sent, board.instructions, board.clock.now


def test_the_same_twice(firmware: Path, tflm_micro_speech: Path) -> None:
    wav = tflm_micro_speech / "testdata/yes_1000ms.wav"
    first, second = hear(firmware, wav, 1), hear(firmware, wav, 1)
    assert first == second
    assert first[0].startswith(b"Heard yes")


def test_slices_change_nothing_that_is_heard(firmware: Path, tflm_micro_speech: Path) -> None:
    """However the caller cuts time into pieces, the board says the same at the same time."""
    wav = tflm_micro_speech / "testdata/no_1000ms.wav"
    assert hear(firmware, wav, 1)[0] == hear(firmware, wav, 50)[0]


def test_boots_in_two_hundred_milliseconds_of_its_time(firmware: Path) -> None:
    with SimulatedBoard(firmware) as board:
        board.run(0.1)
        board.write(b"hello\n")
        assert b"\n" in board.run(0.1)


def test_trace(firmware: Path) -> None:
    with SimulatedBoard(firmware) as board, Trace(board) as trace:
        board.run(0.2)
        entries = trace.entries()
        names = [name for _, name in entries]
        counts = [count for count, _ in entries]
        assert names[0] == "reset" and names.index("main") < names.index("ear_frontend_feed")
        assert counts == sorted(counts) and counts[0] == 0 and counts[-1] < board.instructions
        assert names.count("microphone_interrupt") >= 9, "a block every 20 ms"
        assert not trace.lines(), "each entry once"
        board.run(0.1)
        assert any(line.endswith(" microphone_interrupt") for line in trace.lines())


LOCKS_UP = """
#include <stdint.h>
void probe_reset(void);
void probe_fault(void);
__attribute__((noinline)) void stumbles(void) { *(volatile uint32_t *)0x70000000 = 1; }
void probe_reset(void) { stumbles(); for (;;) {} }
void probe_fault(void) { __asm__ volatile("udf #0"); }
"""


def test_a_lock_up_names_both_faults(tmp_path: Path) -> None:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    (tmp_path / "source.c").write_text(LOCKS_UP)
    elf = arm.link_probe([tmp_path / "source.c"], [], tmp_path / "locks.elf")
    with SimulatedBoard(elf) as board, pytest.raises(SimulatorError, match=r"probe_fault.*stumbles"):
        board.run(0.01)
