"""One line for each way in which a port does not open."""

import errno
import os
import pty
import socket
from pathlib import Path

import pytest
import serial
from serial.tools import list_ports, list_ports_common

from earkit.device.ports import choose_board, open_port
from earkit.device.usb import APPLICATIONS, BOOTLOADERS, UsbPort, explain, find_boards
from earkit.errors import LinkError


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match=r"there is no port .*/ttyACM9; plug"):
        open_port(str(tmp_path / "ttyACM9"))


def test_busy() -> None:
    near, far = pty.openpty()
    held = serial.Serial(os.ttyname(far), exclusive=True)
    try:
        with pytest.raises(LinkError, match=r"is in use; (close the other program|wait ten seconds)"):
            open_port(os.ttyname(far))
    finally:
        held.close()
        os.close(near)
        os.close(far)


@pytest.mark.usefixtures("a_user")
def test_no_permission() -> None:
    near, far = pty.openpty()
    Path(os.ttyname(far)).chmod(0)
    try:
        with pytest.raises(LinkError, match=r"no permission .* dialout"):
            open_port(os.ttyname(far))
    finally:
        os.close(near)
        os.close(far)


def test_not_a_port(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(LinkError, match=r"cannot open .*is it a serial port"):
        open_port(str(file))
    with pytest.raises(LinkError, match="cannot open nonsense://x"):
        open_port("nonsense://x")


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(LinkError, match="nobody listens"):
        open_port(f"socket://127.0.0.1:{port}")


def test_boards_are_found_by_usb_id(monkeypatch: pytest.MonkeyPatch) -> None:
    def plugged(device: str, vid: int, pid: int) -> list_ports_common.ListPortInfo:
        port = list_ports_common.ListPortInfo(device)
        port.vid, port.pid = vid, pid
        return port

    ids = [0x005A, 0x015A, 0x025A, 0x805A]
    ports = [plugged(f"/dev/{number:x}", 0x2341, number) for number in ids]
    other = [plugged("/dev/ttyUSB0", 0x0403, 0x6001), plugged("/dev/uno", 0x2341, 0x0043)]
    monkeypatch.setattr(list_ports, "comports", lambda: ports + other)
    boards = find_boards()
    assert [board.product for board in sorted(boards, key=lambda board: board.product)] == ids
    assert [board.product for board in boards if not board.is_bootloader] == [0x805A]


def test_choosing_a_board() -> None:
    one, other = UsbPort("/dev/a", APPLICATIONS[0]), UsbPort("/dev/b", APPLICATIONS[2])
    asleep = UsbPort("/dev/c", BOOTLOADERS[1])
    assert choose_board([one]) == choose_board([asleep, one]) == "/dev/a"
    with pytest.raises(LinkError, match="no board found; try sim"):
        choose_board([], "try sim")
    with pytest.raises(LinkError, match="2 boards found: /dev/a, /dev/b; name one"):
        choose_board([one, other, asleep])


@pytest.mark.parametrize("product", BOOTLOADERS)
def test_a_bootloader_is_no_board(product: int) -> None:
    said = "the board at /dev/c is in its bootloader; press its reset button once, or run: earkit flash"
    with pytest.raises(LinkError, match=f"^{said}$"):
        choose_board([UsbPort("/dev/c", product)])


def test_a_board_that_goes_while_its_port_opens() -> None:
    assert str(explain("/dev/a", OSError(errno.ENXIO, "No such device"))) == (
        "/dev/a has gone while it was opened; plug the board in again"
    )
