"""What doctor --board says of ports, permissions and rules."""

import os
import pty
from pathlib import Path

import pytest

from earkit.device.usb import APPLICATIONS, BOOTLOADERS, UsbPort
from earkit.toolchain.board_doctor import board_checks


def found(ports: list[UsbPort], *rules: Path) -> dict[str, str]:
    return {check.name: check.found for check in board_checks(ports, rules)}


def test_no_board(tmp_path: Path) -> None:
    checks = {check.name: check for check in board_checks([], [tmp_path])}
    assert not checks["board"].found and checks["board"].is_needed
    assert "only charges" in checks["board"].mend


def test_both_states_are_told(tmp_path: Path) -> None:
    port = tmp_path / "ttyACM0"
    port.touch()
    running = [UsbPort(str(port), APPLICATIONS[0])]
    waiting = [UsbPort(str(port), BOOTLOADERS[0])]
    assert "running a program" in found(running, tmp_path)["board"]
    assert "in its bootloader" in found(waiting, tmp_path)["board"]
    assert found(running, tmp_path)[f"permission for {port}"]


@pytest.mark.usefixtures("a_user")
def test_no_permission() -> None:
    near, far = pty.openpty()
    port = os.ttyname(far)
    try:
        for mode, may in ((0o600, "may be opened"), (0, "")):
            Path(port).chmod(mode)
            assert found([UsbPort(port, APPLICATIONS[0])])[f"permission for {port}"] == may
    finally:
        os.close(near)
        os.close(far)


def test_a_rule_for_arduino_is_found(tmp_path: Path) -> None:
    assert not found([], tmp_path)["udev rule"]
    (tmp_path / "50-other.rules").write_text('ATTRS{idVendor}=="10c4"\n')
    rule = tmp_path / "99-platformio-udev.rules"
    rule.write_text('ATTRS{idVendor}=="2341", MODE="0666"\n')
    assert found([], tmp_path)["udev rule"] == str(rule)
