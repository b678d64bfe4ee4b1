"""Flashing, with pseudo-terminals that play the board: touch, vanishing port, bootloader, return."""

import contextlib
import os
import pty
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from earkit.device import usb
from earkit.device.usb import UsbPort
from earkit.errors import ToolError
from earkit.toolchain import flash

APPLICATION, BOOTLOADER = usb.APPLICATIONS[0], usb.BOOTLOADERS[0]
AWAY = 0.2


class Board:
    """A Nano 33 BLE on USB. It restarts into its bootloader when its port is set to 1200 baud, and into the
    application when bossac has written (the file `written` is there). Between two ports there is none."""

    def __init__(self, written: Path, enters_bootloader: bool = True, comes_back: bool = True) -> None:
        self.written, self.enters_bootloader, self.comes_back = written, enters_bootloader, comes_back
        self.ports: list[UsbPort] = []
        self.seen: list[tuple[int, str]] = []
        self._near, self._ended = -1, threading.Event()
        self.show(APPLICATION)
        self._thread = threading.Thread(target=self._play)
        self._thread.start()

    def show(self, product: int) -> None:
        self._near, far = pty.openpty()
        self._far = far
        self.ports = [UsbPort(os.ttyname(far), product, "0123")]
        self.seen.append((product, self.ports[0].device))

    def vanish(self) -> None:
        self.ports = []
        os.close(self._near)
        os.close(self._far)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        if self.ports:
            self.vanish()

    def _play(self) -> None:
        while not self._ended.wait(0.01):
            in_application = self.ports[0].product == APPLICATION
            if in_application and self.enters_bootloader and self._speed() == termios.B1200:
                self._come_back_as(BOOTLOADER)
            elif not in_application and self.written.exists():
                if not self.comes_back:
                    self.ports = [UsbPort("/dev/ttyOther", BOOTLOADER, "9999")]
                    return
                self._come_back_as(APPLICATION)
                return

    def _come_back_as(self, product: int) -> None:
        self.vanish()
        time.sleep(AWAY)
        self.show(product)

    def _speed(self) -> int:
        return int(termios.tcgetattr(self._near)[5])

    def look(self) -> list[UsbPort]:
        return list(self.ports)


@pytest.fixture
def bossac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bossac that keeps its arguments and the image, and says it has written."""
    program = tmp_path / "bin/bossac"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\nfor last; do :; done\nprintf '%s\\n' \"$@\" > {tmp_path}/arguments\n"
        f'cat "$last" > {tmp_path}/written.part && mv {tmp_path}/written.part {tmp_path}/written\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "firmware.bin"
    path.write_bytes(bytes(range(256)) * 10)
    return path


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flash, "BOOTLOADER_SECONDS", 0.5)
    monkeypatch.setattr(flash, "APPLICATION_SECONDS", 0.5)


@contextlib.contextmanager
def plugged_in(tmp_path: Path, **how: bool) -> Iterator[Board]:
    board = Board(tmp_path / "written", **how)
    try:
        yield board
    finally:
        board.close()


def refused(image: Path, board: Board, match: str) -> None:
    with pytest.raises(ToolError, match=match) as raised:
        flash.flash(image, look=board.look)
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("bossac")
def test_touch_write_and_return(tmp_path: Path, image: Path) -> None:
    steps: list[int] = []
    with plugged_in(tmp_path) as board:
        after = flash.flash(image, progress=lambda _, done, __: steps.append(done), look=board.look)
        assert [product for product, _ in board.seen] == [APPLICATION, BOOTLOADER, APPLICATION]
        assert after == board.look()[0].device
    assert (tmp_path / "written").read_bytes() == image.read_bytes()
    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments[:2] == ["--port", board.seen[1][1]] and "--reset" in arguments
    assert steps == [0, 1, 2, 3]


@pytest.mark.usefixtures("bossac")
def test_a_board_in_its_bootloader_is_not_touched(tmp_path: Path, image: Path) -> None:
    with plugged_in(tmp_path, enters_bootloader=False) as board:
        board.vanish()
        board.show(BOOTLOADER)
        flash.flash(image, look=board.look)
        assert board.seen[-1][0] == APPLICATION


@pytest.mark.usefixtures("bossac", "short_waits")
def test_a_board_that_does_not_obey_needs_a_double_tap(tmp_path: Path, image: Path) -> None:
    with plugged_in(tmp_path, enters_bootloader=False) as board:
        refused(image, board, "does not enter its bootloader; press its reset button twice")
    assert not (tmp_path / "written").exists()


@pytest.mark.usefixtures("bossac", "short_waits")
def test_a_board_that_stays_away(tmp_path: Path, image: Path) -> None:
    with plugged_in(tmp_path, comes_back=False) as board:
        refused(image, board, "was written but does not come back; press its reset button once")


def test_a_failing_bossac(tmp_path: Path, image: Path, bossac: Path) -> None:
    bossac.write_text("#!/bin/sh\necho Erase flash\necho 'SAM-BA operation failed' >&2\nexit 1\n")
    with plugged_in(tmp_path) as board:
        refused(image, board, "bossac failed: SAM-BA operation failed")


@pytest.mark.usefixtures("bossac")
def test_a_port_in_use(tmp_path: Path, image: Path) -> None:
    with plugged_in(tmp_path) as board, serial.Serial(board.look()[0].device, exclusive=True):
        refused(image, board, "is in use; (close the other program|wait ten seconds)")


def test_modem_manager_is_named(tmp_path: Path) -> None:
    (tmp_path / "17").mkdir()
    (tmp_path / "17/comm").write_text("ModemManager\n")
    assert usb.is_running("ModemManager", tmp_path) and not usb.is_running("picocom", tmp_path)


@pytest.mark.usefixtures("a_user")
def test_no_permission(tmp_path: Path) -> None:
    with plugged_in(tmp_path) as board:
        Path(board.look()[0].device).chmod(0)
        with pytest.raises(ToolError, match=r"no permission .* dialout") as raised:
            flash.touch(board.look()[0].device)
    assert "\n" not in str(raised.value)


def test_no_port_at_all() -> None:
    with pytest.raises(ToolError, match="no board found; plug it in; a cable that only charges"):
        flash.choose([], None)


def test_the_wrong_device() -> None:
    there = [UsbPort("/dev/ttyACM1", APPLICATION)]
    with pytest.raises(ToolError, match="no Nano 33 BLE at /dev/ttyUSB0; a board is at /dev/ttyACM1"):
        flash.choose(there, "/dev/ttyUSB0")


def test_two_boards() -> None:
    there = [UsbPort("/dev/ttyACM0", APPLICATION), UsbPort("/dev/ttyACM1", APPLICATION)]
    with pytest.raises(ToolError, match=r"2 boards found: .*; name one"):
        flash.choose(there, None)
    assert flash.choose(there, "/dev/ttyACM1") == there[1]


def test_no_bossac(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(flash, "BOSSAC", tmp_path / "bossac")
    with pytest.raises(ToolError, match="bossac is not installed; run: pio pkg install"):
        flash.find_bossac()
