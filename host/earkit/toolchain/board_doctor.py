"""What stands between this computer and the board on its USB cable, and the line that mends it."""

import os
from collections.abc import Sequence
from pathlib import Path

from earkit.device.usb import ARDUINO, CHARGE_ONLY, GROUP, UsbPort, is_running
from earkit.toolchain.doctor import Check

RULES = (Path("/etc/udev/rules.d"), Path("/usr/lib/udev/rules.d"), Path("/lib/udev/rules.d"))
UDEV = "copy PlatformIO's 99-platformio-udev.rules to /etc/udev/rules.d (its documentation: udev rules)"
MANAGER = "it opens new boards for some seconds; to stop it: sudo systemctl stop ModemManager"


def board_checks(ports: Sequence[UsbPort], rules: Sequence[Path] = RULES) -> list[Check]:
    """Look at the boards in `ports`. Opens none."""
    return [
        Check("board", "flash, monitor", True, ", ".join(map(state, ports)), CHARGE_ONLY),
        *(
            Check(f"permission for {port.device}", "flash, monitor", True, permission(port), GROUP)
            for port in ports
        ),
        Check("udev rule", "boards without root", False, udev_rule(rules), UDEV),
        Check("ports left alone", "flash at once", False, manager(), MANAGER),
    ]


def state(port: UsbPort) -> str:
    return f"{port.device} ({'in its bootloader' if port.is_bootloader else 'running a program'})"


def permission(port: UsbPort) -> str:
    return "may be opened" if os.access(port.device, os.R_OK | os.W_OK) else ""


def udev_rule(folders: Sequence[Path]) -> str:
    """The first udev rule that names Arduino's USB vendor."""
    for file in (file for folder in folders for file in sorted(folder.glob("*.rules"))):
        try:
            if f"{ARDUINO:04x}" in file.read_text(errors="replace"):
                return str(file)
        except OSError:
            continue
    return ""


def manager() -> str:
    return "" if is_running("ModemManager") else "no ModemManager"
