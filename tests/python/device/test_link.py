"""The board's half of docs/protocol.md, compiled for this computer with the sanitizers."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from earkit.device.protocol import Decoder, Frame

ROOT = Path(__file__).parents[3]
LINK = [ROOT / "firmware" / "core" / "link" / name for name in ("link.c", "receive.c")]


@pytest.mark.parametrize("name", ["test_link", "test_link_fuzz"])
def test_native(compile_c: Callable[..., Path], name: str) -> None:
    program = compile_c(name, ROOT / "tests" / "firmware" / f"{name}.c", *LINK)
    result = subprocess.run([program], capture_output=True, text=True, timeout=240)
    assert (result.returncode, result.stdout) == (0, "ok\n"), result.stderr


def test_host_reads_what_the_board_encodes(compile_c: Callable[..., Path]) -> None:
    """Every length, with zeros and without: the blocks of 254 are where encoders differ."""
    program = compile_c("test_link_echo", ROOT / "tests" / "firmware" / "test_link.c", *LINK)
    payloads = [bytes([fill] * count) for count in range(641) for fill in (0, 1)]
    payloads += [bytes(i % 256 for i in range(count)) for count in range(0, 641, 7)]
    text = "".join(payload.hex() + "\n" for payload in payloads)
    wire = subprocess.run([program, "echo"], input=text.encode(), capture_output=True, check=True).stdout
    frames = list(Decoder().feed(wire))
    assert [frame.payload for frame in frames if isinstance(frame, Frame)] == payloads
    assert all(isinstance(frame, Frame) and frame.lost == 0 for frame in frames)
