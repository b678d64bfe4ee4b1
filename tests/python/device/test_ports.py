"""One line for each way in which a port does not open."""

import os
import pty
import socket
from pathlib import Path

import pytest
import serial
from serial.tools import list_ports, list_ports_common

from earkit.device.ports import BoardPort, choose_board, find_boards, open_port
from earkit.errors import LinkError


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match=r"there is no port .*/ttyACM9; plug"):
        open_port(str(tmp_path / "ttyACM9"))


def test_busy() -> None:
    near, far = pty.openpty()
    held = serial.Serial(os.ttyname(far), exclusive=True)
    try:
        with pytest.raises(LinkError, match="is in use; close the other program"):
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

    ports = [plugged("/dev/ttyACM0", 0x2341, 0x805A), plugged("/dev/ttyUSB0", 0x0403, 0x6001)]
    monkeypatch.setattr(list_ports, "comports", lambda: ports)
    assert find_boards() == [BoardPort("/dev/ttyACM0", "Arduino Nano 33 BLE")]


def test_choosing_a_board() -> None:
    one, other = BoardPort("/dev/a", "x"), BoardPort("/dev/b", "x")
    assert choose_board([one]) == "/dev/a"
    with pytest.raises(LinkError, match="no board found"):
        choose_board([])
    with pytest.raises(LinkError, match="2 boards found: /dev/a, /dev/b; name one"):
        choose_board([one, other])
