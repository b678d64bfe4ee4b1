"""Flashing over USB: into the bootloader by the 1200-baud touch, bossac, and out again.

The bootloader is a USB device of its own, so the port vanishes and comes back under another name.
"""

import contextlib
import errno
import shutil
import subprocess
import time
from pathlib import Path

import serial

from earkit.device.usb import BOARD, CHARGE_ONLY, Look, UsbPort, explain, find_boards
from earkit.errors import ToolError
from earkit.progress import Progress, silent

TOUCH_BAUD = 1200
BOOTLOADER_SECONDS, APPLICATION_SECONDS = 8.0, 10.0
LOOK_SECONDS = 0.1
BOSSAC = Path.home() / ".platformio/packages/tool-bossac-nordicnrf52/bossac"
DOUBLE_TAP = "press its reset button twice quickly, so that the yellow light pulses, and run this again"


def choose(ports: list[UsbPort], name: str | None) -> UsbPort:
    """The port called `name`, or the only one. Raises ToolError when there is none, or the choice is open."""
    if name is not None:
        found = next((port for port in ports if port.device == name), None)
        if found is None:
            others = ", ".join(port.device for port in ports)
            hint = f"a board is at {others}" if others else CHARGE_ONLY
            raise ToolError(f"there is no {BOARD} at {name}", hint)
        return found
    if not ports:
        raise ToolError("no board found", CHARGE_ONLY)
    if len(ports) > 1:
        raise ToolError(
            f"{len(ports)} boards found: {', '.join(p.device for p in ports)}", "name one: --port"
        )
    return ports[0]


def flash(image: Path, name: str | None = None, progress: Progress = silent, look: Look = find_boards) -> str:
    """Write `image` (a .bin for the application's place) to the board; returns its port afterwards.

    `name` is the board's port, needed where more than one is plugged in. Raises ToolError, one line per
    cause: no board, no permission, port in use, no bootloader, failed upload, a board that stays away.
    """
    bossac = find_bossac()
    board = choose(look(), name)
    progress("flash", 0, 3)
    if not board.is_bootloader:
        touch(board.device)
        board = wait_for(
            look, board, True, BOOTLOADER_SECONDS, "the board does not enter its bootloader", DOUBLE_TAP
        )
    progress("flash", 1, 3)
    upload(bossac, image, board.device)
    progress("flash", 2, 3)
    back = wait_for(
        look, board, False, APPLICATION_SECONDS, "the board was written but does not come back",
        "press its reset button once",
    )  # fmt: skip
    progress("flash", 3, 3)
    return back.device


def touch(device: str) -> None:
    """Open and close the port at 1200 baud, which asks the firmware to restart into the bootloader."""
    try:
        port = serial.Serial(device, TOUCH_BAUD, exclusive=True)
        with contextlib.suppress(OSError):  # it may restart at once, and a pseudo-terminal has no such line
            port.dtr = False
        port.close()
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) in (errno.EIO, errno.ENODEV, errno.ENXIO, errno.EPIPE):
            return  # it restarted while the port was being closed: that is what was wanted
        why = explain(device, error)
        raise ToolError(why.message, why.hint) from error


def wait_for(look: Look, board: UsbPort, bootloader: bool, seconds: float, what: str, hint: str) -> UsbPort:
    """The same board in the other state. Raises ToolError(what, hint) after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for port in look():
            is_same = not (port.serial and board.serial) or port.serial == board.serial
            if port.is_bootloader == bootloader and is_same:
                return port
        time.sleep(LOOK_SECONDS)
    raise ToolError(what, hint)


def find_bossac() -> str:
    """The upload tool: in the PATH, or PlatformIO's. Raises ToolError."""
    found = shutil.which("bossac") or (str(BOSSAC) if BOSSAC.is_file() else None)
    if found is None:
        raise ToolError(
            "bossac is not installed", "run: pio pkg install -g -t platformio/tool-bossac-nordicnrf52"
        )
    return found


def upload(bossac: str, image: Path, device: str) -> None:
    """Write the image and start it, as Arduino's own tools do. Raises ToolError with bossac's last line."""
    command = [bossac, "--port", Path(device).name if device.startswith("/dev/tty") else device,
               "--erase", "--write", "-U", "--reset", str(image)]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if result.returncode != 0:
        said = [line.strip() for line in (result.stdout + result.stderr).splitlines() if line.strip()]
        raise ToolError(f"bossac failed: {said[-1] if said else result.returncode}", DOUBLE_TAP)
