"""What any board with the spotter must do (docs/protocol.md)."""

import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earkit.audio import clips
from earkit.core.frontend import features, to_int8
from earkit.device.protocol import Frame, FrameType
from earkit.device.session import Session
from earkit.errors import EarkitError

SECOND = np.zeros(16000, np.int16)


def heard(board: Any, *sounds: np.ndarray) -> list[str]:
    """Plays sounds with silence around them; returns the words of the board's plain lines."""
    samples = np.concatenate([SECOND, *(part for sound in sounds for part in (sound, SECOND, SECOND))])
    board.play(samples)
    text = board.run(len(samples) / 16000 + 0.5).decode()
    assert "error" not in text and "Overruns" not in text
    return re.findall(r"Heard (\w+) \(\d+\) @\d+ms\r\n", text)


@pytest.mark.parametrize("word", ["yes", "no"])
def test_hears_a_word(simulated: Any, tflm_micro_speech: Path, word: str) -> None:
    clip = clips.read(tflm_micro_speech / "testdata" / f"{word}_1000ms.wav")
    assert heard(simulated, clip.samples) == [word]


@pytest.mark.parametrize("name", ["silence", "noise", "nothing"])
def test_is_quiet(simulated: Any, tflm_micro_speech: Path, name: str) -> None:
    """Steady sound: TFLM's model takes the step from digital zeros to its own silence clip for a yes."""
    second = SECOND
    if name != "nothing":
        second = clips.read(tflm_micro_speech / "testdata" / f"{name}_1000ms.wav").samples
    simulated.play(np.tile(second, 5))
    text = simulated.run(4.9)
    assert b"Heard" not in text and b"Overruns" not in text
    assert simulated.instructions > 1_000_000


def test_says_who_it_is(session: Session) -> None:
    assert session.board.labels[:2] == ("silence", "unknown")
    assert re.fullmatch("[0-9a-f]{64}", session.board.sha256)
    stats = session.stats()
    assert stats.overruns == stats.dropped_lines == stats.dropped_frames == 0
    assert session.info().input_count == session.info().frames * 40


def test_infer_equals_tflite_micro(session: Session, model: Path) -> None:
    runtime = pytest.importorskip("tflite_micro").runtime
    interpreter = runtime.Interpreter.from_file(str(model))
    shape = interpreter.get_input_details(0)["shape"]
    rng = np.random.default_rng(11)
    for row in [*rng.integers(-128, 128, (3, 1960)), np.full(1960, -128), np.full(1960, 127)]:
        interpreter.set_input(row.astype(np.int8).reshape(shape), 0)
        interpreter.invoke()
        expected = interpreter.get_output(0).astype(np.int8).tobytes()
        assert session.infer(row.astype(np.int8).tobytes()) == expected


def test_survives_garbage(session: Session) -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        session.port.write(rng.integers(0, 256, 100, np.uint8).tobytes())
        list(session.events(0.05))
    session.port.write(b"\0\n")
    list(session.events(0.2))
    assert session.hello().protocol == 1
    assert session.stats().reset != "fault"


def test_changes_speed_and_streams_audio(session: Session) -> None:
    session.baud(460800)
    session.stream("audio")
    frames: list[Frame] = []
    patience = time.monotonic() + session.reply_seconds
    while len(frames) < 6 and time.monotonic() < patience:
        frames += [item for item in session.events(0.1) if isinstance(item, Frame)]
    hops = [frame.position for frame in frames]
    assert len(hops) > 5 and hops == list(range(hops[0], hops[0] + len(hops)))
    assert all(len(frame.payload) == 640 and frame.lost == 0 for frame in frames)
    session.stream("audio", False)
    session.baud(115200)


def test_settings_outlive_a_reset_when_saved(session: Session) -> None:
    before = session.get("threshold.yes")
    session.set("threshold.yes", before ^ 1)
    assert session.save()
    session.set("average", 77)
    session.reset()
    list(session.events(0.5))
    session.hello()
    assert session.get("threshold.yes") == before ^ 1
    assert session.get("average") != 77, "what was not saved is forgotten"
    session.set("threshold.yes", before)
    assert session.save()


@pytest.mark.usefixtures("ours")
def test_flash_may_be_kept_in_a_file(image: Path, tmp_path: Path) -> None:
    from earkit.simulator.board import SimulatedBoard

    file = tmp_path / "flash.bin"
    for expected in (b"ok threshold.no 200", b"ok threshold.no 9"):
        board = SimulatedBoard(image, flash=file)
        board.run(0.1)
        board.write(b"get threshold.no\nset threshold.no 9\nsave\n")
        assert expected in board.run(0.2)
    with pytest.raises(EarkitError, match="is not the 1048576 bytes of a flash"):
        file.write_bytes(b"short")
        SimulatedBoard(image, flash=file)


def test_streamed_features_are_the_hosts(simulated: Any, session: Session, tflm_micro_speech: Path) -> None:
    clip = clips.read(tflm_micro_speech / "testdata" / "yes_1000ms.wav").samples
    session.baud(460800)
    session.stream("audio")
    session.stream("features")
    simulated.play(clip)
    frames: list[Frame] = []
    while len(frames) < 120:
        frames += [item for item in session.events(0.05) if isinstance(item, Frame)]
    audio = {frame.position: frame.payload for frame in frames if frame.type == FrameType.AUDIO}
    rows = {frame.position: frame.payload for frame in frames if frame.type == FrameType.FEATURES}
    # The front end remembers noise from before; after silence that memory is zero on both sides.
    samples = np.frombuffer(b"".join(audio[hop] for hop in sorted(audio)), "<i2")
    assert np.abs(samples).max() > 1000
    expected = to_int8(features(samples))
    last = sorted(set(audio) & set(rows))[-10:]
    first = min(audio)
    for hop in last:
        assert rows[hop] == expected[hop - first - 1].tobytes()
