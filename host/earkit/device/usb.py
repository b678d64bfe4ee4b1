"""The boards that USB shows, and why a port does not open: one place for all who look."""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

from earkit.errors import LinkError

ARDUINO = 0x2341
"""USB vendor id."""
BOARD = "Arduino Nano 33 BLE"
BOOTLOADERS, APPLICATIONS = (0x005A, 0x015A, 0x025A), (0x805A, 0x815A, 0x825A)
"""USB product ids of that board by what runs on it: Arduino's boards.txt, vid and pid of nano33ble."""
CHARGE_ONLY = "plug it in; a cable that only charges shows no port: try another cable"
GROUP = "run: sudo usermod -a -G dialout $USER, and log in again"


@dataclass(frozen=True)
class UsbPort:
    device: str
    """What `open_port` takes, such as /dev/ttyACM0 or COM3."""
    product: int
    serial: str = ""
    """The board's own number, the same in the bootloader and whatever the port is called; empty where the
    system does not tell."""

    @property
    def is_bootloader(self) -> bool:
        return self.product in BOOTLOADERS


Look = Callable[[], list[UsbPort]]


def find_boards() -> list[UsbPort]:
    """The boards that are plugged in, whatever runs on them."""
    return [
        UsbPort(port.device, port.pid, port.serial_number or "")
        for port in sorted(list_ports.comports())
        if port.vid == ARDUINO and port.pid in (*BOOTLOADERS, *APPLICATIONS)
    ]


def explain(device: str, error: OSError | ValueError) -> LinkError:
    """Why a port does not open, in one line: unplugged, not allowed, in use, nobody there, no port."""
    number, text = getattr(error, "errno", None), str(error)
    if number == errno.ENOENT or "FileNotFoundError" in text or "No such file" in text:
        return LinkError(f"there is no port {device}", "plug the board in, or look with: pio device list")
    if number in (errno.ENODEV, errno.ENXIO, errno.EIO):
        return LinkError(f"{device} has gone while it was opened", "plug the board in again")
    if number == errno.EACCES or "PermissionError" in text or "Permission denied" in text:
        return LinkError(f"no permission to open {device}", GROUP)
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in text:
        return LinkError(f"{device} is in use", busy_hint())
    if number == errno.ECONNREFUSED or "Connection refused" in text:
        return LinkError(f"nobody listens at {device}", "start the program at the other end first")
    reason = text.splitlines()[0] if text else type(error).__name__
    return LinkError(f"cannot open {device}: {reason}", "is it a serial port?")


def busy_hint() -> str:
    """What to close. ModemManager opens new ports for some seconds, to see whether they are modems."""
    if is_running("ModemManager"):
        return "wait ten seconds, or run: sudo systemctl stop ModemManager (it takes boards for modems)"
    return "close the other program (a serial monitor?)"


def is_running(program: str, processes: Path = Path("/proc")) -> bool:
    """Whether a process of this name runs (Linux; elsewhere False)."""
    for name in processes.glob("[0-9]*/comm"):
        try:
            if name.read_text().strip() == program[:15]:
                return True
        except OSError:
            continue
    return False
