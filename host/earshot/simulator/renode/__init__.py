"""The other engine: an installed Renode runs the same image. It counts no instructions and takes its time.

Sound goes in as a file and the serial bytes come out as one; nothing can be sent to the board.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earshot.errors import SimulatorError, ToolError
from earshot.simulator import image

_HERE = Path(__file__).parent
_SAMPLE_RATE = 16000
_LAST_WORDS = 1.0
"""Simulated seconds after the sound in which a detection may still come."""
_SLOWEST = 60
"""Host seconds allowed per simulated second; a board that polls is that slow in Renode."""


def run_renode(elf: Path, samples: NDArray[np.int16]) -> bytes:
    """Play `samples` (int16, 16 kHz, mono) to the image in Renode; returns what the board sent meanwhile.

    Raises ToolError when Renode is not installed or fails, SimulatorError for an image that is none.
    """
    renode = shutil.which("renode")
    if renode is None:
        raise ToolError(
            "Renode is not installed", "get a release package from https://renode.io, or use --engine unicorn"
        )
    vectors = min(address for address, _ in image.load(elf).segments)
    seconds = len(samples) / _SAMPLE_RATE + _LAST_WORDS
    with tempfile.TemporaryDirectory(prefix="earshot-renode-") as folder:
        sound, serial = Path(folder, "sound.raw"), Path(folder, "serial.txt")
        sound.write_bytes(np.asarray(samples, "<i2").tobytes())
        _run(renode, _script(elf, vectors, sound, serial, seconds), seconds)
        if not serial.exists():
            raise ToolError("Renode did not start the board", "try: renode --version")
        return serial.read_bytes()


def _script(elf: Path, vectors: int, sound: Path, serial: Path, seconds: float) -> list[str]:
    """Monitor commands, in the order in which they are to be run."""
    files = {"platform": _HERE / "nano33ble.repl", "elf": elf, "sound": sound, "serial": serial}
    return [
        *(f"${name}=@{_quoted(path)}" for name, path in files.items()),
        f"$vectors=0x{vectors:08X}",
        f"include @{_quoted(_HERE / 'nano33ble.resc')}",
        f'emulation RunFor "{seconds:.3f}"',
        "quit",
    ]


def _quoted(path: Path) -> str:
    """Renode's monitor wants blanks in a path escaped."""
    return str(path.resolve()).replace(" ", "\\ ")


def _run(renode: str, script: list[str], seconds: float) -> None:
    command = [renode, "--console", "--disable-xwt", "--plain"]
    for line in script:
        command += ["-e", line]
    silent_input, held_open = os.pipe()  # the monitor takes the end of its input for the end of its work
    try:
        result = subprocess.run(
            command, stdin=silent_input, capture_output=True, text=True, errors="replace", check=False,
            timeout=60 + _SLOWEST * seconds,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise SimulatorError("Renode did not come to an end", "use --engine unicorn") from error
    finally:
        os.close(silent_input)
        os.close(held_open)
    if result.returncode != 0:
        said = (result.stderr or result.stdout).strip().splitlines()
        raise ToolError(f"Renode failed: {said[-1] if said else result.returncode}", "try: renode --version")
