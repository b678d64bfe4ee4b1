"""Serial ports: choosing a board's, and opening one."""

from collections.abc import Iterable
from typing import Protocol

import serial

from earkit.device.protocol import BAUDS
from earkit.device.usb import UsbPort, explain, find_boards
from earkit.errors import LinkError

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


def choose_board(boards: Iterable[UsbPort], hint: str = "plug one in, or name its port") -> str:
    """The device of the only board that runs a program.

    Raises LinkError when there is none (`hint` says what to do without), when the only ones are in their
    bootloader, which answers nothing, and when there is more than one.
    """
    boards = list(boards)
    devices = [board.device for board in boards if not board.is_bootloader]
    if not devices and boards:
        raise LinkError(
            f"the board at {boards[0].device} is in its bootloader",
            "press its reset button once, or run: earkit flash",
        )
    if not devices:
        raise LinkError("no board found", hint)
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
        raise explain(name, error) from error
