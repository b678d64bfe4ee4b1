"""From what a board says to reports. Nothing of it is trusted: types, ranges, lengths, texts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeGuard

import numpy as np

from earkit.device.answers import Hello, Stats
from earkit.device.protocol import Event, Frame, FrameType
from earkit.monitor.reports import (
    CHANNELS,
    HOP,
    WORD_LIMIT,
    Audio,
    Detection,
    Features,
    Identity,
    Note,
    Report,
    Scores,
    safe,
)

CYCLES_PER_MS = 64000


def identity_of(hello: Hello, port_id: str) -> Identity:
    texts = (hello.board, hello.model, hello.sha256, hello.engine, hello.firmware)
    board, model, sha256, engine, firmware = (safe(text) for text in texts)
    labels = tuple(safe(label, WORD_LIMIT) for label in hello.labels)
    return Identity(safe(port_id), board, model, sha256, engine, firmware, labels)


def computing_ms(stats: Stats) -> float:
    return ((stats.hop_cycles or 0) + (stats.inference_cycles or 0)) / CYCLES_PER_MS


def cpu_percent(before: Stats, now: Stats) -> float | None:
    passed = (now.ms or 0) - (before.ms or 0)
    asleep = (now.asleep_ms or 0) - (before.asleep_ms or 0)
    return min(100.0, max(0.0, 100 - 100 * asleep / passed)) if passed > 0 else None


def report_of(name: str, event: Event, identity: Identity, late: float | None) -> Report:
    """What an event reports; `late` is its latency in ms."""
    fields = event.fields
    if event.kind == "heard":
        return _detection(name, fields, identity, late)
    if event.kind == "scores":
        return _scores(name, fields)
    if event.kind == "overruns":
        return Note(name, safe(f"sound was lost: {fields.get('total')} hops since the start"))
    return Note(name, safe(f"{event.kind}: {fields.get('text', fields)}"))


def _detection(name: str, fields: dict[str, Any], identity: Identity, late: float | None) -> Report:
    label, score, ms = (fields.get(key) for key in ("label", "score", "ms"))
    if not (isinstance(label, str) and _is_byte(score) and is_time(ms)):
        return Note(name, safe(f"a broken event: {fields}"))
    sequence = fields.get("seq")
    return Detection(
        name, safe(label, WORD_LIMIT), score, ms, datetime.now().astimezone(), identity,
        sequence if is_time(sequence) else None, late,
    )  # fmt: skip


def _scores(name: str, fields: dict[str, Any]) -> Report:
    scores, ms = fields.get("scores"), fields.get("ms")
    if isinstance(scores, list) and 0 < len(scores) <= 64 and all(map(_is_byte, scores)) and is_time(ms):
        return Scores(name, ms, tuple(scores))
    return Note(name, safe(f"a broken event: {fields}"))


def _is_byte(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and 0 <= value <= 255


def is_time(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and 0 <= value < 2**53


def frame_reports(name: str, frame: Frame) -> Iterator[Report]:
    if frame.type == FrameType.FEATURES and len(frame.payload) == CHANNELS:
        yield Features(name, frame.position, np.frombuffer(frame.payload, np.int8))
    elif frame.type == FrameType.AUDIO and len(frame.payload) == 2 * HOP:
        yield Audio(name, frame.position, np.frombuffer(frame.payload, "<i2").astype(np.int16))
