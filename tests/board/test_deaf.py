"""A microphone that fails: the board hears on, or says why; never deaf in silence, nor resetting for ever."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("unicorn", reason="no simulated board without the sim extra")

from earkit.audio import clips
from earkit.simulator.board import SimulatedBoard

RESTARTED = "error no sound comes; the microphone is started again\r\n"
GAVE_UP = "error no sound comes; the board is started again\r\n"
SAFE = "error not listening, as it failed three times in a row; stats says why; reset tries again\r\n"


class Microphone:
    """Fails as it is told to."""

    def __init__(self, board: SimulatedBoard) -> None:
        self.board, self.pdm = board, board.chip.pdm
        self.start, self.raise_event = self.pdm.task_start, self.pdm.raise_event
        self.starts = 0

    def stop(self) -> None:
        """By itself: it says STOPPED, and no more."""
        self.pdm.task_stop()

    def hang(self) -> None:
        """It says nothing, and no longer starts."""
        self.pdm.task_stop()
        self.pdm.task_start = lambda: None  # type: ignore[method-assign]

    def heal(self) -> None:
        self.pdm.task_start = self.start  # type: ignore[method-assign]
        self.pdm.raise_event = self.raise_event  # type: ignore[method-assign]

    def lose(self, event: str, is_lost: Callable[[int], bool]) -> None:
        count = 0

        def raise_some(name: str) -> None:
            nonlocal count
            count += name == event
            if name != event or not is_lost(count):
                self.raise_event(name)

        self.pdm.raise_event = raise_some  # type: ignore[method-assign]

    def stop_after_each_start(self, seconds: float, good_starts: int = 10**9) -> None:
        """`good_starts` of those since the board's reset hear for so long, and later ones do nothing."""

        def start() -> None:
            self.starts += 1
            if self.starts <= good_starts:
                self.start()
                self.board.clock.after(round(seconds * 64e6), self.pdm.task_stop)

        self.pdm.task_start = start  # type: ignore[method-assign]


@pytest.fixture
def board(bare_image: Path) -> SimulatedBoard:
    return SimulatedBoard(bare_image)


@pytest.fixture
def microphone(board: SimulatedBoard) -> Microphone:
    return Microphone(board)


@pytest.fixture
def yes(tflm_micro_speech: Path) -> np.ndarray:
    clip = clips.read(tflm_micro_speech / "testdata" / "yes_1000ms.wav").samples
    return np.concatenate([np.zeros(32000, np.int16), clip, np.zeros(16000, np.int16)])


def stats(board: SimulatedBoard) -> dict[str, Any]:
    board.write(b"stats\n")
    found = re.search(r"\{.*\}", board.run(0.06).decode())
    assert found
    answer: dict[str, Any] = json.loads(found[0])
    return answer


def assert_clock_is_true(board: SimulatedBoard, since: float = 0.0) -> None:
    """Taken and lost blocks add up to the time, but for the block that is coming and the answer's way."""
    before = board.time
    ms = stats(board)["ms"]
    assert (before - since) * 1000 - 25 <= ms <= (board.time - since) * 1000


@pytest.mark.parametrize("event", ["STARTED", "END", "STOPPED"])
@pytest.mark.parametrize("lost", ["one", "some", "half"])
def test_lost_events_cost_no_more_than_their_blocks(
    board: SimulatedBoard, microphone: Microphone, yes: np.ndarray, event: str, lost: str
) -> None:
    is_lost = {"one": {50}, "some": set(range(3, 100, 9)), "half": set(range(20, 120, 2))}[lost]
    microphone.lose(event, lambda number: number in is_lost)
    board.play(yes)
    said = board.run(2.6)
    microphone.heal()
    said += board.run(2)
    overruns = stats(board)["overruns"]
    assert overruns == (len(is_lost) if event == "STARTED" else 0)
    assert b"Heard yes" in said if event != "STARTED" or lost == "one" else b"Overruns" in said
    assert b"error" not in said
    assert_clock_is_true(board)
    board.play(yes)
    assert b"Heard yes" in board.run(4), "it hears on, and no place of the ring is lost"


def test_a_stop_is_told_and_the_microphone_is_started_again(
    board: SimulatedBoard, microphone: Microphone, yes: np.ndarray
) -> None:
    for _ in range(20):
        board.run(0.503)
        microphone.stop()
        said = board.run(0.3).decode()
        assert said.startswith(RESTARTED) and re.search(r"Overruns \d+: sound was lost", said)
    answer = stats(board)
    assert answer["reset"] == "power" and 20 * 9 <= answer["overruns"] <= 20 * 11
    assert abs(answer["ms"] - board.time * 1000) < 20 * 20 + 100, "a restart costs less than a block"
    board.play(yes)
    assert b"Heard yes" in board.run(4)


def test_a_peer_that_said_hello_gets_events(board: SimulatedBoard, microphone: Microphone) -> None:
    board.run(0.1)
    board.write(b"hello 1\n")
    board.run(0.3)
    microphone.stop()
    said = board.run(0.3).decode()
    assert re.search(
        r'\{"event":"error","text":"no sound comes; the microphone is started again","ms":', said
    )
    assert re.search(r'\{"event":"overruns","total":\d+,', said)


def test_a_dead_microphone_restarts_the_board_three_times_and_no_more(
    board: SimulatedBoard, microphone: Microphone, yes: np.ndarray
) -> None:
    board.run(0.5)
    microphone.hang()
    said = board.run(30).decode()
    assert said == (RESTARTED * 3 + GAVE_UP) * 3 + SAFE
    board.write(b"hello 1\nstats\n")
    hello, answer = board.run(0.1).decode().splitlines()
    assert hello.startswith('{"protocol":1,') and '"reset":"microphone"' in answer
    microphone.heal()
    board.write(b"reset\n")
    board.run(0.5)
    assert stats(board)["reset"] == "software"
    board.play(yes)
    assert b"Heard yes" in board.run(4)


def test_a_microphone_that_starts_and_dies_again_ends_too(
    board: SimulatedBoard, microphone: Microphone
) -> None:
    """It hears for a second after each reset, which does not make the resets begin anew."""
    microphone.stop_after_each_start(1.0, good_starts=1)
    reset = board.reset

    def count_anew(reason: str = "pin") -> None:
        microphone.starts = 0
        reset(reason)

    board.reset = count_anew  # type: ignore[method-assign]
    board.reset("power")
    said = board.run(60).decode()
    assert said.count(GAVE_UP) == 3 and said.endswith(SAFE)


def test_a_microphone_that_is_started_again_and_again_hears(
    board: SimulatedBoard, microphone: Microphone
) -> None:
    microphone.stop_after_each_start(3.0)
    board.reset("power")
    said = board.run(70).decode()
    assert said.count(RESTARTED) > 20 and GAVE_UP not in said


def test_listening_for_a_minute_forgets_failures(board: SimulatedBoard, microphone: Microphone) -> None:
    for _ in range(4):
        microphone.hang()
        assert GAVE_UP in board.run(0.9).decode()
        microphone.heal()
        said = board.run(65).decode()
        assert GAVE_UP not in said and SAFE not in said


@pytest.mark.parametrize("phase", range(0, 20, 3))
def test_an_erase_costs_its_blocks_and_no_time(board: SimulatedBoard, phase: int) -> None:
    """Save 65 erases a page, which halts the core for 85 ms."""
    for number in range(64):
        board.write(f"set threshold.yes {number}\nsave\n".encode())
        board.run(0.02)
    assert stats(board)["overruns"] == 0
    board.run(0.1 + phase / 1000)
    board.write(b"set threshold.yes 200\nsave\n")
    assert re.search(r"Overruns [345]: sound was lost", board.run(0.2).decode())
    assert_clock_is_true(board)


def test_a_program_that_fails_at_start_comes_up_safe(bare_image: Path, tmp_path: Path) -> None:
    """The engine's first instruction is undefined: after three faults it is left alone."""
    board = SimulatedBoard(bare_image, flash=tmp_path / "flash.bin")
    board.run(0.1)
    board.write(b"set threshold.yes 123\nsave\n")
    assert b"ok save" in board.run(0.1)
    board = SimulatedBoard(bare_image, flash=tmp_path / "flash.bin")
    at = board.image.address("ear_engine_init")
    broken = tuple(
        (start, content[: at - start] + b"\x00\xde" + content[at - start + 2 :])
        if start <= at < start + len(content)
        else (start, content)
        for start, content in board.image.segments
    )
    board.image = dataclasses.replace(board.image, segments=broken)
    board.reset("power")
    said = board.run(5).decode()
    assert said.count("Fault UsageFault") == 3 and said.endswith(SAFE)
    board.write(b"hello 1\nstats\ninfo\nget threshold.yes\nsave\n")
    said = board.run(0.5).decode()
    assert '{"protocol":1,' in said and '"reset":"fault"' in said and '"error":"not listening' in said
    assert "ok threshold.yes 123\r\nok save\r\n" in said, "what was saved is not lost for that"
    board.write(b"reset\n")
    assert board.run(1).decode().count("Fault UsageFault") == 3, "it is asked to try again"
    board.reset("pin")
    assert board.run(1).decode().count("Fault UsageFault") == 3
