"""The board's files on the simulated board: faults are named, resets have reasons, time asleep adds up."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("unicorn", reason="no simulated board without the sim extra")

from earkit.simulator.board import SimulatedBoard

LinkBoard = Callable[[str], Path]

# Answers each byte; some letters make it fail.
MAIN = r"""
#include <stdio.h>
#include <string.h>
#include "board.h"

static void say(const char *text) {
  static uint8_t said[4096]; /* the port reads RAM */
  static size_t end;
  size_t length = strlen(text);
  if (length > sizeof said - end) end = 0;
  memcpy(said + end, text, length);
  end += board_serial_send(said + end, length);
}

__attribute__((noinline)) int deeper(volatile int *above) {
  volatile int here[64];
  here[0] = *above + 1;
  return *above < 0 ? 0 : deeper(here) + here[0];
}

static void obey(char letter) {
  volatile int zero = 0;
  switch (letter) {
    case 'a': *(volatile int *)0x60000000 = 1; break;
    case 's': deeper(&zero); break;
    case 'u': __asm__ volatile("udf 0"); break;
    case 'i': *(volatile unsigned *)0xE000E100 = 1; *(volatile unsigned *)0xE000E200 = 1; break;
    case 'r': board_reset(false); break;
    case 'w': for (;;) {} break;
    default: say("?"); break;
  }
}

int main(void) {
  char line[96];
  uint8_t byte;
  unsigned blocks = 0;
  long sum = 0;
  board_init();
  say("start ");
  say(board_reset_reason());
  say("\r\n");
  if (!board_microphone_start()) say("no microphone\r\n");
  for (;;) {
    const int16_t *block = board_microphone_block();
    while (block) {
      for (int i = 0; i < BOARD_BLOCK_SAMPLES; i++) sum += block[i];
      board_microphone_release();
      if (++blocks % 50 == 0) {
        snprintf(line, sizeof line, "blocks %u sum %ld lost %lu asleep %lu\r\n", blocks, sum,
                 (unsigned long)board_microphone_overruns(),
                 (unsigned long)(board_cycles_asleep() / 64000));
        say(line);
      }
      block = board_microphone_block();
    }
    while (board_serial_read(&byte, 1)) {
      if (byte == 'b') {
        board_serial_set_baud(1000000);
      } else if (byte == 'l') {
        uint32_t start = board_cycles();
        while (board_cycles() - start < 64000000 / 4) {
          for (volatile int i = 0; i < 10000; i++) {}
        }
      } else {
        obey((char)byte);
      }
    }
    board_sleep();
  }
}
"""


@pytest.fixture
def board(link_board: LinkBoard) -> Iterator[SimulatedBoard]:
    with SimulatedBoard(link_board(MAIN)) as simulated:
        assert simulated.run(0.05) == b"start power\r\n"
        yield simulated


@pytest.mark.parametrize(
    ("letter", "what", "cause"),
    [
        (b"a", "BusFault, no memory there", "address=0x60000000"),
        (b"u", "UsageFault, undefined instruction", "cfsr=0x00010000"),
        (b"i", "unexpected interrupt", "exception=0x00000010"),
    ],
)
def test_fault_is_named(board: SimulatedBoard, letter: bytes, what: str, cause: str) -> None:
    board.write(letter)
    said = board.run(0.2).decode()
    assert f"Fault {what}" in said and cause in said
    assert said.endswith("start fault\r\n")
    pc = re.search(r" pc=0x([0-9a-f]{8}) ", said)
    assert pc and re.match(r"(obey|main|interrupts_restore)\b", board.image.name_of(int(pc[1], 16)))


def test_stack_overflow_is_a_fault(board: SimulatedBoard) -> None:
    board.write(b"s")
    said = board.run(0.2).decode()
    assert "Fault " in said and "stack overflow" in said
    assert said.endswith("start fault\r\n")


def test_reset_reasons(board: SimulatedBoard) -> None:
    board.write(b"r")
    assert board.run(0.1) == b"start software\r\n"
    board.reset("pin")
    assert board.run(0.1) == b"start pin\r\n"
    board.write(b"w")
    assert board.run(1.9) == b""
    assert board.run(0.3) == b"start watchdog\r\n"


def test_watchdog_lets_the_board_sleep(link_board: LinkBoard) -> None:
    main = """
    #include "board.h"
    static uint8_t up[] = "up";
    int main(void) { board_init(); board_serial_send(up, 2); for (;;) board_sleep(); }
    """
    with SimulatedBoard(link_board(main)) as board:
        assert board.run(10) == b"up"


def test_every_sample_arrives_once(board: SimulatedBoard) -> None:
    """The sum of the blocks is the sum of what was played, whatever the order of STARTED and END."""
    sound = np.arange(16000 * 4, dtype=np.int64) % 1999 - 900
    board.play(sound.astype(np.int16))
    lines = re.findall(rb"blocks (\d+) sum (-?\d+) lost 0 asleep (\d+)", board.run(3.5))
    assert [int(blocks) for blocks, _, _ in lines] == [50, 100, 150]
    before = round(0.05 * 16000)  # silence that was sampled before the sound was there
    for blocks, total, asleep in lines:
        samples = int(blocks) * 320
        heard = {sum(sound[: samples - skip].tolist()) for skip in range(before + 320)}
        assert int(total) in heard
        assert 0.95 < int(asleep) / (samples / 16) < 1


def test_overruns_are_counted(board: SimulatedBoard) -> None:
    board.write(b"l")
    said = board.run(2.2)
    lost = [int(count) for count in re.findall(rb"lost (\d+)", said)]
    assert lost and 8 <= lost[-1] <= 12, "250 ms are 12 blocks, of which 2 to 4 wait in the ring"


def test_speed_changes_after_what_is_queued(board: SimulatedBoard) -> None:
    board.write(b"?b")
    assert board.run(0.05) == b"?"
    assert board.chip.uart.values["BAUDRATE"] == 0x10000000
    board.write(b"?" * 200)
    assert board.run(0.05) == b"?" * 200
