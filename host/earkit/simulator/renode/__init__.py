"""The other engine: an installed Renode runs the same image. It counts instructions of its own and takes
its time.
"""

import re
import shutil
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earkit.simulator import image
from earkit.simulator.port import SimulatedPort
from earkit.simulator.renode.monitor import Monitor

PLATFORM = Path(__file__).with_name("nano33ble.repl")
SCRIPT = Path(__file__).with_name("nano33ble.resc")
SAMPLE_RATE = 16000
SLOWEST = 120
"""Host seconds allowed per simulated second; a board that polls is that slow in Renode."""
BYTE_SECONDS = 10 / 115200
"""Renode hands over a byte at once; a burst would be more than any serial port brings."""


class RenodeBoard:
    """The board in Renode, with what SimulatedBoard also has: play, write, run, port, time, instructions.

    Use as a context manager: it holds a process and a folder of temporary files.
    """

    def __init__(self, elf: Path) -> None:
        vectors = min(address for address, _ in image.load(elf).segments)
        self._folder = tempfile.TemporaryDirectory(prefix="earkit-renode-")
        self._serial = Path(self._folder.name, "serial.txt")
        self._sounds, self._read, self._waiting, self.time = 0, 0, b"", 0.0
        self._monitor = Monitor()
        try:
            self._start(elf, vectors)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "RenodeBoard":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End Renode and remove its files."""
        self._monitor.close()
        self._folder.cleanup()

    @property
    def instructions(self) -> int:
        """Instructions run since power-on, as Renode counts them: sleep counts too, so not the other's."""
        said = " ".join(self._monitor.command("cpu ExecutedInstructions"))
        return int(re.findall(r"0x[0-9A-Fa-f]+", said)[-1], 16)

    def play(self, samples: NDArray[np.int16]) -> None:
        """Queue sound at the microphone: int16, 16 kHz, mono; silence follows."""
        if len(samples):
            self._monitor.command(f"pdm SetInputFile @{quoted(self._sound(samples))}")

    def write(self, data: bytes) -> None:
        """Send bytes to the board; they arrive as time passes, at 115200 baud."""
        self._waiting += data

    def port(self) -> SimulatedPort:
        """The board's serial port as a pyserial-like object that advances the simulation when read."""
        return SimulatedPort(self)

    def run(self, seconds: float) -> bytes:
        """Advance simulated time and return the serial bytes sent in it."""
        end = self.time + seconds
        while self._waiting and self.time < end:
            part = min(0.005, end - self.time)
            self._hand_over(max(1, int(part / BYTE_SECONDS)))
            self._advance(part)
        if self.time < end:
            self._advance(end - self.time)
        return self._sent()

    def _start(self, elf: Path, vectors: int) -> None:
        silence = self._sound(np.zeros(1, np.int16))
        files = {"platform": self._copy(PLATFORM), "elf": self._copy(elf), "sound": silence}
        for name, path in {**files, "serial": self._serial}.items():
            self._monitor.command(f"${name}=@{quoted(path)}")
        self._monitor.command(f"$vectors=0x{vectors:08X}")
        self._monitor.command(f"include @{quoted(self._copy(SCRIPT))}")

    def _copy(self, file: Path) -> Path:
        """A copy under a plain name: Renode's monitor does not find files whose path is not ASCII."""
        return Path(shutil.copy(file, Path(self._folder.name, f"board{file.suffix}")))

    def _advance(self, seconds: float) -> None:
        self._monitor.command(f'emulation RunFor "{seconds:.6f}"', 60 + SLOWEST * seconds)
        self.time += seconds

    def _hand_over(self, count: int) -> None:
        part, self._waiting = self._waiting[:count], self._waiting[count:]
        self._monitor.command("; ".join(f"uart0 WriteChar 0x{byte:02X}" for byte in part))

    def _sent(self) -> bytes:
        if not self._serial.exists():
            return b""
        with self._serial.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        self._read += len(data)
        return data

    def _sound(self, samples: NDArray[np.int16]) -> Path:
        self._sounds += 1
        path = Path(self._folder.name, f"sound-{self._sounds}.raw")
        path.write_bytes(np.asarray(samples, "<i2").tobytes())
        return path


def quoted(path: Path) -> str:
    """Renode's monitor wants blanks in a path escaped."""
    return str(path.resolve()).replace(" ", "\\ ")
