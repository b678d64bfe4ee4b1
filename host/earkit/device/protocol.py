"""The serial protocol, version 1 (docs/protocol.md), as pure functions of bytes.

Nothing that arrives can raise: what is broken becomes a `Damaged`.
"""

import binascii
import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from cobs import cobs

VERSION = 1
BAUDS = (115200, 230400, 460800, 921600, 1000000)
AUDIO_BAUD = 460800
LAST_NUMBER = 65535
"""Of a request; then they start again at 1. A board takes any of 32 bits."""
LINE_LIMIT = 4096
"""Longest line accepted from a board, in bytes; the board's own are shorter than 2048."""
PAYLOAD_LIMIT = 640
CHUNK_LIMIT = 128
_HEADER = struct.Struct("<BHI")
_CODED_LIMIT = _HEADER.size + PAYLOAD_LIMIT + 2 + 4
_HEARD = re.compile(r"Heard (.+) \((\d{1,3})\) @(\d{1,18})ms")
_NUMBERED = re.compile(r"#(\d{1,10}) (.*)", re.DOTALL | re.ASCII)
_OBJECT = re.compile(rb"(#\d{1,10} )?\{")
_SEAL = re.compile(rb',"crc":(\d{1,5})\}$')


class FrameType(IntEnum):
    FEATURES = 1
    AUDIO = 2
    INFER_INPUT = 3
    INFER_OUTPUT = 4


@dataclass(frozen=True)
class TextLine:
    text: str
    """Without its line end; whatever the peer sent, so escape it before showing it."""


@dataclass(frozen=True)
class Event:
    kind: str
    fields: dict[str, Any]
    """The other keys, `ms` among them; checked by whoever uses them."""
    lost: int = 0
    """Events missing just before this one, by the sequence numbers."""


@dataclass(frozen=True)
class Frame:
    type: int
    """1..8; a FrameType where this version knows it"""
    sequence: int
    position: int
    payload: bytes
    lost: int = 0
    """Frames missing just before this one, by the sequence numbers."""


@dataclass(frozen=True)
class Damaged:
    reason: str


Item = TextLine | Event | Frame | Damaged


def encode_frame(frame_type: int, sequence: int, position: int, payload: bytes) -> bytes:
    """A frame as it goes over the line, with its zeros."""
    raw = _HEADER.pack(frame_type, sequence & 0xFFFF, position) + payload
    coded: bytes = cobs.encode(raw + struct.pack("<H", binascii.crc_hqx(raw, 0xFFFF)))
    return b"\0" + coded + b"\0"


def decode_frame(coded: bytes) -> Frame | Damaged:
    """What lies between two zeros."""
    try:
        raw = cobs.decode(coded)
    except cobs.DecodeError:
        return Damaged("frame cut")
    if len(raw) < _HEADER.size + 2 or not 1 <= raw[0] <= 8:
        return Damaged("frame too short")
    if binascii.crc_hqx(raw[:-2], 0xFFFF) != int.from_bytes(raw[-2:], "little"):
        return Damaged("frame CRC")
    frame_type, sequence, position = _HEADER.unpack_from(raw)
    return Frame(frame_type, sequence, position, raw[_HEADER.size : -2])


def parse_line(text: str) -> TextLine | Event:
    """An Event when `text` is one, TFLM's own `Heard` line included."""
    heard = _HEARD.fullmatch(text)
    if heard:
        label, score, ms = heard.groups()
        return Event("heard", {"label": label, "score": int(score), "ms": int(ms)})
    fields = parse_object(text)
    kind = fields.pop("event", None) if fields else None
    return Event(kind, fields) if fields is not None and isinstance(kind, str) else TextLine(text)


def split_number(text: str) -> tuple[int | None, str]:
    """The request's number that a reply begins with, `#17 `, or None, and the rest."""
    found = _NUMBERED.fullmatch(text)
    return (int(found[1]), found[2]) if found else (None, text)


def parse_object(text: str) -> dict[str, Any] | None:
    """The JSON object that `text` is, or None."""
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_sealed(line: bytes) -> bool | None:
    """Whether the object's last member `crc` is right; None when it has none."""
    seal = _SEAL.search(line)
    return None if seal is None else binascii.crc_hqx(line[: seal.start()], 0xFFFF) == int(seal[1])


def is_hello(text: str) -> bool:
    """Whether `text` is the answer of a board that speaks some version."""
    return split_number(text)[1].startswith('{"protocol":')


class Decoder:
    """Turns what arrives, in pieces of any size, into items; bounded whatever arrives.

    The answer to `hello` makes the sequence numbers start again; `lost_frames`, `lost_events` and `damaged`
    count from there. An object whose `crc` is wrong is damaged; once a board has sent one that is right, so
    is an object without.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._take = self._take_text
        self._skipping = False
        self._seals = False
        self._restart()

    def _restart(self) -> None:
        self._next_frame = self._next_event = 0
        self.lost_frames = self.lost_events = self.damaged = 0

    def feed(self, data: bytes) -> Iterator[Item]:
        """Yield the items that `data` completes. Exhaust it before feeding more."""
        self._buffer += data
        while (item := self._take()) is not None:
            if isinstance(item, Damaged):
                self.damaged += 1
            if not isinstance(item, bool):
                yield self._count(item)

    def _count(self, item: Item) -> Item:
        if isinstance(item, TextLine) and is_hello(item.text):
            self._restart()
        if isinstance(item, Frame):
            lost = (item.sequence - self._next_frame) & 0xFFFF
            self._next_frame = item.sequence + 1
            self.lost_frames += lost
            return Frame(item.type, item.sequence, item.position, item.payload, lost)
        if isinstance(item, Event) and isinstance(sequence := item.fields.get("seq"), int):
            lost = max(0, sequence - self._next_event)
            self._next_event = sequence + 1
            self.lost_events += lost
            return Event(item.kind, item.fields, lost)
        return item

    # Each _take_* returns an item, True when it moved on without one, None when it needs more bytes.

    def _take_text(self) -> Item | bool | None:
        end = re.search(rb"[\r\n\0]", self._buffer)
        if end is None:
            return self._bound_line()
        part, delimiter = bytes(self._buffer[: end.start()]), end[0]  # before the match loses its ground
        del self._buffer[: end.end()]
        skipped, self._skipping = self._skipping, False
        if delimiter == b"\0":
            self._take = self._take_mark
            return Damaged("line cut by a frame") if part and not skipped else True
        if skipped or not part:
            return True
        if len(part) > LINE_LIMIT:
            return Damaged("line too long")
        if _OBJECT.match(part) and not self._trust(part):
            return Damaged("line CRC")
        return parse_line(part.decode("utf-8", "replace"))

    def _trust(self, line: bytes) -> bool:
        sealed = is_sealed(line)
        self._seals = self._seals or sealed is True
        return sealed is True or (sealed is None and not self._seals)

    def _bound_line(self) -> Item | None:
        if self._skipping:
            self._buffer.clear()
        if len(self._buffer) <= LINE_LIMIT:
            return None
        self._skipping = True
        self._buffer.clear()
        return Damaged("line too long")

    def _take_mark(self) -> Item | bool | None:
        """After a zero: a frame when the second byte is a frame's type, text otherwise."""
        del self._buffer[: len(self._buffer) - len(self._buffer.lstrip(b"\0"))]
        if len(self._buffer) < 2:
            return None
        if self._buffer[1] == 0:
            del self._buffer[0]
            return Damaged("frame too short")
        self._take = self._take_frame if self._buffer[1] <= 8 else self._take_text
        return True

    def _take_frame(self) -> Item | bool | None:
        end = self._buffer.find(0)
        if end < 0 and len(self._buffer) <= _CODED_LIMIT:
            return None
        if not 0 <= end <= _CODED_LIMIT:
            self._take, self._skipping = self._take_text, True
            return Damaged("frame too long")
        coded = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._take = self._take_mark
        return decode_frame(coded)
