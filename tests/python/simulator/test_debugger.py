"""Stopping and stepping the simulated core, by hand and by GDB, with the count kept exact."""

import shutil
import subprocess
import threading
from pathlib import Path

import pytest

pytest.importorskip("unicorn", reason="no simulated board without the sim extra")

from earkit.simulator.board import SimulatedBoard
from earkit.simulator.debugger import Debugger
from earkit.simulator.gdb import GdbServer
from earkit.toolchain import arm

PROGRAM = """
#include <stdint.h>
void probe_reset(void);
volatile uint32_t total;
__attribute__((noinline)) uint32_t square(uint32_t value) {
  for (uint32_t i = 0; i < value; i++) total += value;
  return total;
}
__attribute__((noinline)) void done(void) { __asm__ volatile(""); }
void probe_reset(void) {
  total = 0;
  for (uint32_t i = 1; i <= 20; i++) square(i);
  done();
  for (;;) __asm__ volatile("wfi");
}
"""
TOTAL = sum(i * i for i in range(1, 21))


def never() -> bool:
    return False


@pytest.fixture
def board(tmp_path: Path) -> SimulatedBoard:
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    (tmp_path / "source.c").write_text(PROGRAM)
    return SimulatedBoard(arm.link_probe([tmp_path / "source.c"], [], tmp_path / "program.elf"))


def run_to(board: SimulatedBoard, symbol: str) -> int:
    """Instructions until then."""
    debugger = Debugger(board)
    debugger.add_breakpoint(board.image.address(symbol))
    debugger.resume(never)
    assert board.cpu["pc"] == board.image.address(symbol)
    debugger.remove_breakpoint(board.image.address(symbol))
    return board.cpu.count


def test_stops_do_not_change_the_count(board: SimulatedBoard) -> None:
    straight = run_to(SimulatedBoard(board.image.path), "done")
    debugger = Debugger(board)
    debugger.add_breakpoint(board.image.address("square"))
    for call in range(1, 6):
        debugger.resume(never)
        assert board.cpu["pc"] == board.image.address("square") and board.cpu["r0"] == call
        for _ in range(7):
            before = board.cpu.count
            debugger.step(never)
            assert board.cpu.count == before + 1
    debugger.remove_breakpoint(board.image.address("square"))
    assert run_to(board, "done") == straight
    assert board.cpu.word(board.image.address("total")) == TOTAL


def test_a_sleeping_board_is_interrupted(board: SimulatedBoard) -> None:
    run_to(board, "done")
    looks = iter((False, False, True))
    Debugger(board).resume(lambda: next(looks))
    assert board.asleep > 0.9


def test_gdb(board: SimulatedBoard) -> None:
    gdb = shutil.which("gdb-multiarch")
    if gdb is None:
        pytest.skip("no gdb-multiarch")
    server = GdbServer(board)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    commands = [
        f"target remote 127.0.0.1:{server.port}", "break square if value == 3", "continue", "backtrace",
        "stepi", "info registers pc", "finish", "set var total = 5000", "delete", "break done", "continue",
        "print total", "print $xpsr", "set $r0 = 77", "print $r0", "detach",
    ]  # fmt: skip
    arguments = [part for command in commands for part in ("-ex", command)]
    result = subprocess.run(
        [gdb, "-nx", "-batch", *arguments, board.image.path], capture_output=True, text=True, timeout=240
    )
    thread.join(10)
    server.close()
    said = result.stdout
    assert not thread.is_alive(), "detached"
    assert "#0  square (value=value@entry=3)" in said and "in probe_reset ()" in said, said + result.stderr
    assert f"Value returned is $1 = {1 + 4 + 9}" in said
    assert f"$2 = {5000 + TOTAL - 1 - 4 - 9}" in said
    assert f"$3 = {board.cpu['xpsr']}" in said
    assert "$4 = 77" in said and board.cpu["r0"] == 77
