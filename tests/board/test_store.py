"""Saved settings are never lost: power cut at every step of flash, stuck words, pages of garbage."""

import binascii
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("unicorn", reason="no simulated board without the sim extra")

from earkit.simulator.board import SimulatedBoard

PAGES, PAGE, OLD_PAGE = (0xDE000, 0xDF000), 4096, 0xFF000
STORE = 0xD0000
"""From here on flash holds no program."""
SAVES = (1, 2, 63, 64, 65, 129)
"""A page holds 64: save 65 erases the other one, save 129 the first."""
Area = NDArray[np.uint8]


class Board:
    """Says commands, and loses its power at a step of flash."""

    def __init__(self, image: Path) -> None:
        self.board = SimulatedBoard(image, warn=lambda _text: None)
        self.nvmc = self.board.chip.nvmc
        self.board.run(0.01)
        self.own = self.settings()

    @property
    def flash(self) -> bytes:
        return self.board.cpu.read(STORE, (1 << 20) - STORE)

    @flash.setter
    def flash(self, content: bytes) -> None:
        self.board.cpu.write(STORE, content)

    def start(self) -> None:
        self.board.reset("power")
        self.board.run(0.01)

    def say(self, *lines: str, seconds: float = 0.005) -> str:
        self.board.write("".join(line + "\n" for line in lines).encode())
        return self.board.run(seconds * len(lines)).decode()

    def settings(self) -> tuple[str, ...]:
        said = self.say("get threshold.yes", "get suppression", "get average")
        found = tuple(re.findall(r"ok (\S+ \d+)", said))
        assert len(found) == 3, said
        return found

    def save(self, number: int) -> str:
        """Settings that belong together, all of them `number`'s; the answer of `save`, "" if power failed."""
        self.say(*(f"set {setting}" for setting in expected(number)))
        said, patience = self.say("save"), self.board.time + 0.2
        while not (answer := re.search(r"(ok save|error.*)\r\n", said)) and self.board.time < patience:
            said += self.board.run(0.01).decode()
        return answer[1] if answer else ""


def expected(number: int) -> tuple[str, ...]:
    return (f"threshold.yes {number % 256}", f"suppression {1000 + number}", f"average {500 + number}")


@pytest.fixture
def board(bare_image: Path) -> Board:
    return Board(bare_image)


def not_done(area: Area, before: Area, _rng: np.random.Generator) -> None:
    area[:] = before


def some_bits(area: Area, before: Area, rng: np.random.Generator) -> None:
    mask = rng.integers(0, 256, len(area), np.uint8)
    area[:] = area & mask | before & ~mask


def a_half(area: Area, before: Area, _rng: np.random.Generator) -> None:
    area[len(area) // 2 :] = before[len(area) // 2 :]


def the_other_half(area: Area, before: Area, _rng: np.random.Generator) -> None:
    area[: len(area) // 2] = before[: len(area) // 2]


WAYS = (not_done, some_bits, a_half, the_other_half)
"""What the step at which power fails leaves of a word or of a page."""


def test_power_cut_at_any_step_leaves_the_old_block_or_the_new(board: Board) -> None:
    rng = np.random.default_rng(17)
    lost: list[str] = []
    cuts = saved = 0
    for number in SAVES:
        while saved < number - 1:
            saved += 1
            assert board.save(saved) == "ok save"
        before = board.flash
        steps = count_steps(board, number)
        for at in range(steps):
            for way in WAYS:
                board.flash = before
                board.start()
                cut(board, at, way, rng)
                board.save(number)
                board.nvmc.on_step = None
                board.board.run(0.01)
                cuts += 1
                old = expected(number - 1) if number > 1 else board.own
                if board.settings() not in (old, expected(number)):
                    lost.append(f"save {number}, step {at} of {steps}, {way.__name__}")
        board.flash = before
        board.start()
    print(f"{len(lost)} of {cuts} cuts lost the settings")
    assert cuts > len(SAVES) * 10 * len(WAYS)
    assert not lost, f"{len(lost)} of {cuts}: {lost[:8]}"


def count_steps(board: Board, number: int) -> int:
    steps = 0

    def count(_area: Area, _before: Area) -> None:
        nonlocal steps
        steps += 1

    board.nvmc.on_step = count
    assert board.save(number) == "ok save"
    board.nvmc.on_step = None
    return steps


def cut(board: Board, at: int, way: Any, rng: np.random.Generator) -> None:
    """The power fails at step `at` of flash, which happens in this way, if at all."""
    step = -1

    def fail(area: Area, before: Area) -> None:
        nonlocal step
        step += 1
        if step == at:
            way(area, before, rng)
        elif step > at:
            area[:] = before
        if step >= at:
            board.nvmc.bus.reset("power")

    board.nvmc.on_step = fail


def test_power_that_fails_again_and_again_loses_nothing(board: Board) -> None:
    """What torn words and pages leave lies there when power fails the next time."""
    rng = np.random.default_rng(29)
    known, cuts = board.own, 0
    for number in range(1, 180):
        if rng.random() < 0.5:
            cuts += 1
            cut(board, int(rng.integers(0, 14)), WAYS[rng.integers(len(WAYS))], rng)
        saved = board.save(number) == "ok save"
        board.nvmc.on_step = None
        if not saved:
            board.start()
        found = board.settings()
        assert found == expected(number) if saved else found in (known, expected(number))
        known = found
    assert cuts > 70


@pytest.mark.parametrize("pages", [PAGES, (*PAGES, OLD_PAGE)], ids=["both pages", "and the old one"])
def test_garbage_is_never_taken_for_settings(board: Board, pages: tuple[int, ...]) -> None:
    """Pages of noise, of whole slots with bits turned, and of slots from elsewhere."""
    rng = np.random.default_rng(5)
    for number in range(1, 70):
        assert board.save(number) == "ok save"
    whole = board.flash
    empty = b"\xff" * len(whole)
    known = {board.own, *(expected(number) for number in range(1, 70))}
    for number in range(120):
        flash = np.frombuffer(whole if number % 3 else empty, np.uint8).copy()
        for page in pages:
            area = flash[page - STORE :][:PAGE]
            if number % 3 == 0:
                area[:] = rng.integers(0, 256, PAGE, np.uint8)
            elif number % 3 == 1:
                area[rng.integers(0, PAGE, 400)] ^= 1 << rng.integers(0, 8, 400).astype(np.uint8)
            else:
                area[:] = np.roll(area, int(rng.integers(1, 64)))
        board.flash = flash.tobytes()
        board.start()
        assert board.settings() in known
        if number % 3 == 0:
            assert board.settings() == board.own
        if number % 10 == 0:
            assert board.save(200) == "ok save"
            board.start()
            assert board.settings() == expected(200), "garbage does not keep the board from saving"
    board.flash = whole
    board.start()
    assert board.settings() == expected(69)


def old_page(board: Board, number: int) -> bytes:
    """What firmware with one page wrote: length and CRC, then the content, slot after slot."""
    assert board.save(number) == "ok save"
    content = board.board.cpu.read(PAGES[0] + 4, 32)
    header = len(content) << 16 | binascii.crc_hqx(content, 0xFFFF)
    slot = header.to_bytes(4, "little") + content.ljust(60, b"\0")
    return (slot * 2).ljust(PAGE, b"\xff")


def test_settings_of_older_firmware_are_read_and_left_alone(board: Board) -> None:
    old = bytearray(b"\xff" * len(board.flash))
    old[OLD_PAGE - STORE :] = old_page(board, 7)
    board.flash = bytes(old)
    board.start()
    assert board.settings() == expected(7)
    for number in range(7, 150):
        assert board.save(number) == "ok save"
    assert board.flash[OLD_PAGE - STORE :] == old[OLD_PAGE - STORE :]
    board.start()
    assert board.settings() == expected(149)


def test_what_is_there_already_is_not_written(board: Board) -> None:
    assert board.save(3) == "ok save"
    before = board.flash
    for _ in range(5):
        assert board.save(3) == "ok save"
    assert board.flash == before


@pytest.mark.parametrize("page", [0, 1])
def test_stuck_words_give_an_error_and_never_a_false_ok(board: Board, page: int) -> None:
    """From few stuck words, which are passed over, to a page in which every slot has one."""
    rng = np.random.default_rng(page)
    stuck = np.zeros((1 << 20) // 4, bool)

    def stick(area: Area, before: Area) -> None:
        at = (area.ctypes.data - base) // 4
        held = np.repeat(stuck[at : at + len(area) // 4], 4)
        area[held] = before[held]

    base = np.frombuffer(board.board.cpu.flash_bytes(), np.uint8).ctypes.data
    board.nvmc.on_step = stick
    words = PAGES[page] // 4 + np.arange(PAGE // 4)
    last, refused = board.own, 0
    for number in range(1, 140):
        if number in (20, 40, 60):
            stuck[rng.choice(words, number * 4)] = True
        if number == 80:
            stuck[words[int(rng.integers(16)) :: 16]] = True
        if number == 110:
            stuck[PAGES[1 - page] // 4 + np.arange(PAGE // 4)] = True
        answer = board.save(number)
        refused += answer != "ok save"
        assert answer in ("ok save", "error the settings are not kept")
        if number % 7 == 0 or number > 130:
            board.start()
            assert board.settings() in (
                (expected(number),) if answer == "ok save" else (last, expected(number))
            )
        last = expected(number) if answer == "ok save" else last
    assert refused > 10, "no flash is left to write to"
