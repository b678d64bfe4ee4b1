"""Serial ports: which ones are boards, and opening one with a plain word when that fails."""

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import serial
from serial.tools import list_ports

from earkit.device.protocol import BAUDS
from earkit.errors import LinkError

BOARDS = {
    (0x2341, 0x805A): "Arduino Nano 33 BLE",
    (0x2341, 0x005A): "Arduino Nano 33 BLE (bootloader)",
}
"""By USB vendor and product id."""
READ_SECONDS = 0.05


class Port(Protocol):
    """What a Session needs of a port; pyserial's are such, and the simulated board's.

    `read` waits a moment at most and may return nothing; both raise OSError when the port has gone.
    """

    baudrate: int

    @property
    def in_waiting(self) -> int: ...
    def read(self, size: int = 1, /) -> bytes: ...
    def write(self, data: bytes, /) -> int | None: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class BoardPort:
    device: str
    """What `open_port` takes, such as /dev/ttyACM0 or COM3."""
    board: str
    serial: str = ""
    """The board's own number, which stays when the port's name changes."""


def find_boards() -> list[BoardPort]:
    """The boards that are plugged in, by their USB ids."""
    return [
        BoardPort(port.device, BOARDS[port.vid, port.pid], port.serial_number or "")
        for port in sorted(list_ports.comports())
        if (port.vid, port.pid) in BOARDS
    ]


def choose_board(boards: Iterable[BoardPort]) -> str:
    """The only board's device. Raises LinkError when there is none, or more than one."""
    devices = [board.device for board in boards]
    if not devices:
        raise LinkError("no board found", "plug one in, name its port, or try the simulated one: sim")
    if len(devices) > 1:
        raise LinkError(f"{len(devices)} boards found: {', '.join(devices)}", "name one")
    return devices[0]


def serial_of(device: str) -> str:
    """The serial number of the board at a port, the port's own name when it has none."""
    return next((board.serial for board in find_boards() if board.device == device and board.serial), device)


def open_port(name: str) -> Port:
    """Open a device, or a pyserial URL (socket://HOST:PORT, loop://), at the board's first speed.

    Raises LinkError, with one line per cause, when it does not exist, is in use or is not allowed.
    """
    try:
        port: Port = serial.serial_for_url(
            name, baudrate=BAUDS[0], timeout=READ_SECONDS, write_timeout=2, exclusive=True
        )
        return port
    except (OSError, ValueError) as error:
        raise _explain(name, error) from error


def _explain(name: str, error: OSError | ValueError) -> LinkError:
    number, text = getattr(error, "errno", None), str(error)
    if number == errno.ENOENT or "FileNotFoundError" in text or "No such file" in text:
        return LinkError(f"there is no port {name}", "plug the board in, or look with: pio device list")
    if number == errno.EACCES or "PermissionError" in text or "Permission denied" in text:
        return LinkError(
            f"no permission to open {name}", "run: sudo usermod -a -G dialout $USER, and log in again"
        )
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in text:
        return LinkError(f"{name} is in use", "close the other program (a serial monitor?)")
    if "Connection refused" in text or number == errno.ECONNREFUSED:
        return LinkError(f"nobody listens at {name}", "start the program at the other end first")
    reason = text.splitlines()[0] if text else type(error).__name__
    return LinkError(f"cannot open {name}: {reason}", "is it a serial port?")
