"""Sleep that QEMU does not model: SLEEPONEXIT, SEVONPEND, and the time that passes. ARMv7-M B1.5.17 to 19."""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("unicorn", reason="no simulated board without the sim extra")

from earkit.simulator.board import SimulatedBoard
from earkit.toolchain import arm

PROGRAM = r"""
#include <stdint.h>
#define REG(address) (*(volatile uint32_t *)(address))
void probe_reset(void);
volatile uint32_t ticks, woken;
static uintptr_t vectors[64] __attribute__((aligned(256)));

static void tick(void) {
  if (++ticks == 5) REG(0xE000ED10) = 0; /* SCR */
}

static void start_ticks(void) {
  vectors[15] = (uintptr_t)tick;
  REG(0xE000ED08) = (uintptr_t)vectors;
  REG(0xE000E014) = 63999; /* 1 ms */
  REG(0xE000E010) = 7;
}

void sleep_on_exit(void) {
  REG(0xE000ED10) = 2;
  start_ticks();
  __asm__ volatile("wfi");
  woken = ticks;
}

void event_on_pending(void) {
  REG(0xE000ED10) = SEVONPEND;
  REG(0x40008508) = 3;       /* TIMER0: 32 bits, */
  REG(0x40008510) = 4;       /* 1 MHz, */
  REG(0x40008540) = 2000;    /* 2 ms, */
  REG(0x40008304) = 1 << 16; /* an interrupt that the NVIC does not take */
  REG(0x40008000) = 1;
  __asm__ volatile("wfe");
  REG(0x40008040) = 1;
  woken = REG(0x40008540);
}

void wait_for_event(void) {
  start_ticks();
  __asm__ volatile("sev\n wfe"); /* falls through */
  woken = 1;
  __asm__ volatile("wfe"); /* sleeps until the handler has run */
  woken += 10 * ticks;
}

void probe_reset(void) {
  CASE();
  REG(0xE000E010) = 0;
  for (;;) __asm__ volatile("wfi");
}
"""


def run(case: str, tmp_path: Path, sevonpend: int = 16) -> tuple[SimulatedBoard, dict[str, int]]:
    """The board after 10 ms, and the program's variables."""
    if shutil.which("arm-none-eabi-gcc") is None:
        pytest.skip("no Arm compiler")
    source = tmp_path / "source.c"
    source.write_text(f"#define CASE {case}\n#define SEVONPEND {sevonpend}\n{PROGRAM}")
    elf = arm.link_probe([source], [], tmp_path / "sleep.elf")
    board = SimulatedBoard(elf)
    board.run(0.010)
    return board, {name: board.cpu.word(board.image.address(name)) for name in ("ticks", "woken")}


def test_sleep_on_exit(tmp_path: Path) -> None:
    board, seen = run("sleep_on_exit", tmp_path)
    assert seen == {"ticks": 5, "woken": 5}, "the thread goes on only when the handler lets it"
    assert board.asleep > 0.99
    assert board.instructions < 500


def test_event_on_pending(tmp_path: Path) -> None:
    _, seen = run("event_on_pending", tmp_path)
    assert 2000 <= seen["woken"] <= 2001


def test_a_disabled_interrupt_is_no_event_without_it(tmp_path: Path) -> None:
    _, seen = run("event_on_pending", tmp_path, sevonpend=0)
    assert seen["woken"] == 0


def test_wait_for_event(tmp_path: Path) -> None:
    _, seen = run("wait_for_event", tmp_path)
    assert seen["woken"] == 11
