"""What this machine has and lacks, and the line that mends it."""

import importlib.util
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata

from serial.tools import list_ports

from earkit.errors import ToolError, install_hint
from earkit.toolchain import arm

APT = "run: sudo apt-get install "
RENODE = "see https://renode.io/#downloads"


@dataclass(frozen=True)
class Check:
    name: str
    what_for: str
    is_needed: bool
    """Whether the main job (`earkit demo`) cannot do without it."""
    found: str
    """Its version or place; empty when it is missing."""
    mend: str
    """What to do when it is missing."""


def checks() -> list[Check]:
    """Look at everything Earkit can use. Starts no program but `--version`, opens no port."""
    return [
        Check("Python", "everything", True, python(), "install Python 3.11, 3.12 or 3.13"),
        program("gcc", "the front end on this computer", True, APT + "gcc"),
        program("make", "make demo, make test", True, APT + "make"),
        module("earkit.core._core", "the front end on this computer", True, "run: pip install -e ."),
        module("earkit.simulator._counter", "counting instructions", True, "run: pip install -e ."),
        Check("Arm compiler", "firmware", True, arm_compiler(), arm.INSTALL),
        package("platformio", "firmware", True, "run: pip install platformio"),
        package("scons", "firmware, without network", True, "run: pip install scons"),
        package("unicorn", "the simulated board", True, install_hint("sim")),
        package("pyelftools", "the simulated board, sizes", True, install_hint("sim")),
        tensorflow(),
        package("keras", "training", True, install_hint("train")),
        package("espeakng-loader", "synthetic voices", True, install_hint("train")),
        package("tflite-micro", "earkit check", False, install_hint("check")),
        package("sounddevice", "this computer's microphone", False, install_hint("mic")),
        package("plotly", "the monitor's page", False, install_hint("web")),
        package("paho-mqtt", "MQTT", False, install_hint("mqtt")),
        package("pynput", "pressing keys", False, install_hint("keys")),
        program("qemu-system-arm", "checking the simulated CPU", False, APT + "qemu-system-arm"),
        program("gdb-multiarch", "debugging firmware", False, APT + "gdb-multiarch"),
        program("renode", "earkit simulate --simulator renode", False, RENODE),
        Check("serial ports", "a real board", False, ports(), "plug in a board by USB"),
    ]


def python() -> str:
    version = tuple(int(part) for part in platform.python_version_tuple()[:2])
    return platform.python_version() if (3, 11) <= version <= (3, 13) else ""


def program(name: str, what_for: str, is_needed: bool, mend: str) -> Check:
    """A program in the PATH."""
    found = shutil.which(name)
    return Check(name, what_for, is_needed, version_of(found) if found else "", mend)


def version_of(path: str) -> str:
    """The first version number that `path --version` prints, or the path when it prints none."""
    try:
        shown = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return path
    number = re.search(r"\d+(\.\d+)+", shown.stdout + shown.stderr)
    return number[0] if number else path


def arm_compiler() -> str:
    try:
        return version_of(str(arm.find_compiler()))
    except ToolError:
        return ""


def installed(name: str) -> str:
    """The version of an installed distribution, or empty."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def package(name: str, what_for: str, is_needed: bool, mend: str) -> Check:
    """A Python distribution."""
    return Check(name, what_for, is_needed, installed(name), mend)


def tensorflow() -> Check:
    found = installed("tensorflow-cpu") or installed("tensorflow")
    return Check("tensorflow", "training", True, found, install_hint("train"))


def module(name: str, what_for: str, is_needed: bool, mend: str) -> Check:
    """One of Earkit's own compiled modules."""
    found = importlib.util.find_spec(name)
    return Check(name, what_for, is_needed, "built" if found else "", mend)


def ports() -> str:
    return ", ".join(port.device for port in list_ports.comports())
