"""Whatever a serial line may carry: nothing raises, nothing grows, nothing reaches a terminal.

EARKIT_FUZZ_EXAMPLES says how many; `make fuzz` takes many.
"""

import binascii
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earkit.device.protocol import LINE_LIMIT, Damaged, Decoder, encode_frame, is_sealed, parse_line
from earkit.errors import LinkError
from earkit.monitor.console import as_json, as_text
from earkit.monitor.feed import Feed
from earkit.monitor.reports import TEXT_LIMIT, Detection, Report
from earkit.monitor.watch import Line, watch

ROOT = Path(__file__).parents[3]
EXAMPLES = int(os.environ.get("EARKIT_FUZZ_EXAMPLES", "100"))
many = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
keys = st.sampled_from(
    [
        "event",
        "seq",
        "ms",
        "label",
        "score",
        "scores",
        "total",
        "text",
        "protocol",
        "labels",
        "firmware",
        "crc",
    ]
)
kinds = st.sampled_from(["heard", "scores", "overruns", "error", "new"])
objects = st.dictionaries(keys, values, max_size=6)
events = st.builds(lambda fields, kind: {**fields, "event": kind}, objects, kinds)
hello = st.just(
    b'{"protocol":1,"firmware":"0","board":"b","engine":"e","model":"\\u001b[2J","sha256":"","labels":["silence","unknown","y"]}'
)
lines = st.one_of(
    (objects | events).map(lambda fields: json.dumps(fields).encode()),
    st.sampled_from([b"ok", b"ok help", b"ok x 7", b"error no", b"Heard yes (204) @2336ms", b'{"ms":1}']),
    st.text(max_size=60).map(str.encode),
    st.sampled_from(
        [b"#1 ok x 7", b"#2 {", b"#99999999999 ok", b'#3 {"ms":1,"crc":5}', b"# ok", b"#4 error"]
    ),
    hello,
    hello.map(lambda line: line.replace(b'"protocol":1', b'"protocol":1,"numbers":true')),
).map(lambda line: line + b"\r\n")
frames = st.builds(
    encode_frame, st.integers(0, 9), st.integers(0, 65535), st.integers(0, 2**32 - 1), st.binary(max_size=660)
)
pieces = st.lists(st.one_of(lines, frames, st.binary(max_size=40), st.just(b"\0")), max_size=12)
polite = [b"ok help\r\n", None, b"ok stream\r\n", b'{"ms":5}\r\n', *[b"ok x 7\r\n"] * 4]


class Script:
    """A port that brings what was written down, then goes; it answers nothing."""

    def __init__(self, chunks: list[bytes]) -> None:
        self.baudrate, self._chunks = 115200, list(chunks)

    @property
    def in_waiting(self) -> int:
        return len(self._chunks[0]) if self._chunks else 0

    def read(self, _size: int = 1, /) -> bytes:
        if not self._chunks:
            raise OSError("gone")
        return self._chunks.pop(0)

    def write(self, data: bytes, /) -> int:
        return len(data)

    def close(self) -> None:
        """Nothing to close."""


def check(report: Report) -> None:
    text = as_text(report)
    assert text is None or (text.isprintable() and len(text) < 6 * TEXT_LIMIT)
    line = as_json(report)
    if line is not None:
        assert line.isascii() and line.isprintable()
        json.loads(line)
    if isinstance(report, Detection):
        assert report.label.isprintable() and 0 <= report.score <= 255 and 0 <= report.ms < 2**53


@many
@given(st.lists(pieces, min_size=1, max_size=3), hello, st.data())
def test_the_monitor_takes_whatever_comes(
    openings: list[list[bytes]], greeting: bytes, data: st.DataObject
) -> None:
    """Also from a board that has said hello properly first."""
    greeted = data.draw(st.booleans())
    start = [part if part is not None else greeting + b"\r\n" for part in polite] if greeted else []
    ports = [Script([*start, *(piece for piece in opening if piece)]) for opening in openings]
    feed = Feed()
    line = Line("b", lambda: open_next(ports, line), ("scores",), retry_seconds=0.0)
    try:
        for report in watch(line):
            check(report)
            feed.take(report)
    except LinkError as error:
        assert str(error).count("\n") == 0
    message = feed.message()
    json.dumps([message, feed.snapshot()], allow_nan=False)


def open_next(ports: list[Script], line: Line) -> Script:
    if not ports:
        line.stop.set()
        raise LinkError("no more")
    return ports.pop(0)


@many
@given(pieces, st.integers(1, 700))
def test_the_decoder_is_bounded(parts: list[bytes], size: int) -> None:
    wire = b"".join(parts)
    decoder, whole = Decoder(), Decoder()
    found = []
    for at in range(0, len(wire), size):
        found += list(decoder.feed(wire[at : at + size]))
        assert len(decoder._buffer) <= LINE_LIMIT + size
    assert found == list(whole.feed(wire)), "the size of the pieces does not matter"


@many
@given(objects, st.data())
def test_a_sealed_line_is_whole_or_damaged(fields: dict[str, object], data: st.DataObject) -> None:
    """One byte changed, lost or put in: never another event."""
    body = json.dumps({**{name: fields[name] for name in fields if name != "crc"}, "seq": 0}).encode()[:-1]
    line = body + b',"crc":%d}' % binascii.crc_hqx(body, 0xFFFF)
    assert is_sealed(line) is True
    decoder = Decoder()
    assert list(decoder.feed(line + b"\r\n")) == [parse_line(line.decode())]
    at, new = data.draw(st.integers(1, len(line) - 1)), data.draw(st.integers(0x20, 0x7E))
    way = data.draw(st.sampled_from(["change", "lose", "insert"]))
    broken = line[:at] + (b"" if way == "lose" else bytes([new])) + line[at + (way != "insert") :]
    (item,) = decoder.feed(broken + b"\r\n")
    assert isinstance(item, Damaged) or item == parse_line(line.decode()), broken


@pytest.fixture(scope="session")
def spotter_fuzzer(compile_c: Callable[..., Path]) -> Path:
    firmware = ROOT / "firmware"
    folders = ["core/link", "core/frontend", "core/recognizer", "core/spotter", "app/console", "app/spotter"]
    sources = [
        file
        for folder in folders
        for file in sorted((firmware / folder).glob("*.c"))
        if file.name != "main.c"
    ]
    tests = ROOT / "tests" / "firmware"
    return compile_c("spotter_fuzz", *sources, tests / "loudness_engine.c", tests / "test_spotter_fuzz.c")


def test_the_board_takes_the_corpus(spotter_fuzzer: Path) -> None:
    """All that fuzzing found worth keeping, with the sanitizers."""
    corpus = sorted((ROOT / "tests" / "fuzz" / "spotter").iterdir())
    result = subprocess.run([spotter_fuzzer, *corpus], capture_output=True, text=True, timeout=240)
    assert (result.returncode, result.stdout) == (0, "ok\n"), result.stderr


def test_fuzzing_itself_for_a_moment() -> None:
    clang = shutil.which("clang")
    if clang is None:
        pytest.skip("clang is not installed; make fuzz installs it")
    probe = "int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n ? 0 : 0; }"
    made = subprocess.run(
        [clang, "-fsanitize=fuzzer", "-x", "c", "-", "-o", os.devnull], input=probe, text=True
    )
    if made.returncode:
        pytest.skip("clang has no libFuzzer here; make fuzz installs it")
    result = subprocess.run(
        [ROOT / "scripts" / "fuzz", "1", "board"], capture_output=True, text=True, timeout=280
    )
    assert result.returncode == 0, result.stdout + result.stderr
