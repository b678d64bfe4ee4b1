"""The host's half of docs/protocol.md: its examples, and whatever a line may carry."""

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from earkit.device.protocol import (
    LINE_LIMIT,
    Damaged,
    Decoder,
    Event,
    Frame,
    FrameType,
    Item,
    TextLine,
    decode_frame,
    encode_frame,
    parse_object,
    split_number,
)

DOCUMENT = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text()
payloads = st.binary(max_size=640)
lines = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=2, max_size=80).filter(
    lambda text: not text.startswith("{")
)


def decode(data: bytes) -> list[Item]:
    return list(Decoder().feed(data))


def test_documents_frame() -> None:
    coded = re.search(r"coded  ([0-9a-f ]+)\n", DOCUMENT)
    assert coded
    data = bytes.fromhex(coded[1])
    assert encode_frame(FrameType.FEATURES, 5, 300, bytes([0x80, 0, 0x7F])) == data
    assert decode(data) == [Frame(FrameType.FEATURES, 5, 300, bytes([0x80, 0, 0x7F]), lost=5)]


def test_documents_lines() -> None:
    said = re.findall(r"^< (.+)$", DOCUMENT, re.MULTILINE)
    hello, *rest = decode("".join(line + "\r\n" for line in said).encode())
    assert isinstance(hello, TextLine)
    fields = parse_object(hello.text)
    assert fields and fields["protocol"] == 1 and fields["labels"] == ["silence", "unknown", "yes", "no"]
    assert not [item for item in rest if isinstance(item, Damaged)]
    numbered = [split_number(item.text) for item in rest if isinstance(item, TextLine) and "#" in item.text]
    assert [number for number, _ in numbered] == [17, 18] and parse_object(numbered[1][1])
    events = [item for item in rest if isinstance(item, Event)]
    assert [event.kind for event in events] == ["scores", "heard"]
    assert all(event.lost == 0 for event in events)


def test_tflms_line() -> None:
    assert decode(b"Heard yes (204) @2336ms\r\n") == [
        Event("heard", {"label": "yes", "score": 204, "ms": 2336})
    ]


@given(st.lists(st.one_of(payloads, lines), max_size=8), st.integers(1, 64))
def test_round_trip_in_pieces(parts: list[bytes | str], size: int) -> None:
    wire, expected, sequence = b"", [], 0
    for part in parts:
        if isinstance(part, bytes):
            wire += encode_frame(2, sequence, 7, part)
            expected.append(Frame(2, sequence, 7, part))
            sequence += 1
        else:
            wire += part.encode() + b"\r\n"
            expected.append(TextLine(part))
    decoder = Decoder()
    pieces = (wire[at : at + size] for at in range(0, len(wire), size))
    assert [item for piece in pieces for item in decoder.feed(piece)] == expected
    assert decoder.lost_frames == decoder.damaged == 0


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=300), max_size=8))
def test_anything_is_harmless_and_then_forgotten(noise: list[bytes]) -> None:
    decoder = Decoder()
    for data in noise:
        list(decoder.feed(data))
    list(decoder.feed(bytes(10)))  # zeros end whatever was begun
    good = encode_frame(1, 3, 9, b"good")
    assert [item.payload for item in decoder.feed(good) if isinstance(item, Frame)] == [b"good"]
    assert list(decoder.feed(b"fine\r\n")) == [TextLine("fine")]


@settings(derandomize=True)  # a flipped length byte passes once in 65536
@given(payloads, st.data())
def test_a_flipped_bit_never_passes(payload: bytes, data: st.DataObject) -> None:
    coded = bytearray(encode_frame(1, 2, 3, payload)[1:-1])
    at = data.draw(st.integers(0, len(coded) * 8 - 1))
    coded[at // 8] ^= 1 << at % 8
    result = decode_frame(bytes(coded))
    assert isinstance(result, Damaged)


def test_a_lost_zero_costs_one_frame() -> None:
    frames = [encode_frame(1, number, 0, b"row") for number in range(4)]
    without_start = frames[0] + frames[1][1:] + frames[2] + b"text\r\n" + frames[3]
    without_end = frames[0] + frames[1][:-1] + b"text\r\n" + frames[2] + frames[3]
    for wire in (without_start, without_end):
        decoder = Decoder()
        got = [item.sequence for item in decoder.feed(wire) if isinstance(item, Frame)]
        assert got[0] == 0 and got[-1] == 3 and len(got) >= 3
        assert decoder.lost_frames == 4 - len(got)


def test_stray_zero_before_text() -> None:
    assert decode(b"\0Heard no (201) @40ms\r\nok\r\n")[-2:] == [
        Event("heard", {"label": "no", "score": 201, "ms": 40}),
        TextLine("ok"),
    ]


def test_losses_are_counted_over_the_wrap() -> None:
    decoder = Decoder()
    for number in range(0, 65533, 4096):
        list(decoder.feed(encode_frame(1, number, 0, b"")))
    before = decoder.lost_frames
    (frame,) = decoder.feed(encode_frame(1, 2, 0, b""))
    assert isinstance(frame, Frame) and frame.lost == 65536 - 61441 + 2
    assert decoder.lost_frames == before + frame.lost
    (gap,) = decoder.feed(b'{"event":"heard","seq":3}\r\n')
    assert isinstance(gap, Event) and gap.lost == decoder.lost_events == 3


def test_endless_line_is_bounded() -> None:
    decoder = Decoder()
    found = [item for _ in range(100) for item in decoder.feed(b"x" * 1000)]
    assert found == [Damaged("line too long")]
    assert len(decoder._buffer) <= LINE_LIMIT
    assert list(decoder.feed(b"\r\nok\r\n")) == [TextLine("ok")]


def test_hostile_json() -> None:
    for text in ("{" * 2000, "{}" + "[" * 2000, '{"event":3}', '{"event":"x"', '{"a":' + "[" * 3000):
        assert decode(text.encode() + b"\n") == [TextLine(text)]
    assert decode(b'{"event":"heard","seq":"no"}\n') == [Event("heard", {"seq": "no"})]
    assert decode(b"\xff\xfe\n") == [TextLine("\ufffd\ufffd")]
