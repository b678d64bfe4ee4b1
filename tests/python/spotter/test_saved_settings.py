"""What a board saved is taken only when it is whole, of this layout and model, and in range."""

import os
import struct
import subprocess
from pathlib import Path

import pytest

MODEL = b"0" * 8
"""The start of the loudness engine's SHA-256."""


def block(version: int = 1, model: bytes = MODEL, average: int = 400, count: int = 2) -> bytes:
    """As firmware/app/spotter/control.c lays it out."""
    return struct.pack("<B8sxHHB16sx", version, model, average, 700, count, bytes(range(16)))


def said(spotter: Path, sound: Path, store: Path, command: str) -> str:
    environment = {**os.environ, "EARKIT_SOUND": str(sound), "EARKIT_STORE": str(store)}
    done = subprocess.run(
        [spotter], env=environment, input=f"{command}\n".encode(), capture_output=True, check=True
    )
    return next(line for line in done.stdout.decode().splitlines() if line.startswith(("ok", "error")))


def test_what_was_saved_comes_back(spotter: Path, sound: Path, tmp_path: Path) -> None:
    (tmp_path / "store").write_bytes(block())
    for name, value in (("average", 400), ("suppression", 700), ("minimum_count", 2), ("threshold.no", 3)):
        assert said(spotter, sound, tmp_path / "store", f"get {name}") == f"ok {name} {value}"


def test_it_writes_what_it_reads(spotter: Path, sound: Path, tmp_path: Path) -> None:
    assert said(spotter, sound, tmp_path / "store", "save") == "ok save"
    assert len((tmp_path / "store").read_bytes()) == len(block())


@pytest.mark.parametrize(
    "saved",
    {
        "another version": block(version=2),
        "another model": block(model=b"1" * 8),
        "no average": block(average=0),
        "too long an average": block(average=2501),
        "no results": block(count=0),
        "more results than it keeps": block(count=65),
        "an older layout": block()[1:-1],
        "nothing": b"",
        "garbage": bytes(32),
    }.items(),
    ids=lambda saved: saved[0],
)
def test_anything_else_is_not_taken(
    spotter: Path, sound: Path, tmp_path: Path, saved: tuple[str, bytes]
) -> None:
    (tmp_path / "store").write_bytes(saved[1])
    assert said(spotter, sound, tmp_path / "store", "get average") == "ok average 1000"
