"""Watching one board, against firmware and other peers behind a real pseudo-terminal."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from monitor_peers import EARKIT, HELLO, Peer

from earkit.device.ports import open_port
from earkit.errors import LinkError
from earkit.monitor.reports import (
    TEXT_LIMIT,
    Audio,
    Connected,
    Detection,
    Features,
    Gone,
    Health,
    Latency,
    Note,
    Report,
    Scores,
    Setting,
    safe,
)
from earkit.monitor.watch import Line, setting, watch

Plug = Callable[..., Peer]


def line_to(link: Path, **rest: object) -> Line:
    return Line("b", lambda: open_port(str(link)), retry_seconds=0.05, **rest)  # type: ignore[arg-type]


@pytest.fixture
def found(link: Path) -> Iterator[Iterator[Report]]:
    """The reports of whatever is plugged in at `link`; health does not interfere."""
    line = line_to(link, streams=(), health_seconds=1000.0)
    reports = watch(line)
    yield reports
    reports.close()  # type: ignore[attr-defined]


def test_unplugging_is_a_pause(link: Path, plug: Plug, found: Iterator[Report]) -> None:
    peer = plug()
    first = next(found)
    assert (
        isinstance(first, Connected) and first.identity.model == "m" and first.settings["threshold.yes"] == 7
    )
    peer.say(b'{"event":"heard","label":"yes","score":204,"ms":2336,"seq":0}\r\n')
    heard = next(found)
    assert isinstance(heard, Detection) and (heard.label, heard.score, heard.ms) == ("yes", 204, 2336)
    assert heard.sequence == 0 and heard.latency_ms is not None and heard.identity == first.identity
    link.unlink()
    peer.unplug()
    assert next(found) == Gone("b")
    later: list[Peer] = []
    timer = threading.Timer(0.5, lambda: later.append(plug()))
    timer.start()
    assert isinstance(next(found), Connected)  # one Gone was said, and now it is back
    later[0].say(b'{"event":"heard","label":"yes","score":250,"ms":40,"seq":2}\r\n')
    assert next(found) == Note("b", "2 lines from the board were lost")
    assert isinstance(next(found), Detection)


def test_a_silent_board_is_waited_for(link: Path, plug: Plug) -> None:
    """The laptop slept, or the board hangs: the port is there, nobody answers."""
    peer = plug()
    found = watch(line_to(link, streams=(), health_seconds=0.5))
    assert isinstance(next(found), Connected)
    peer.answers = {}
    assert next(found) == Gone("b")
    peer.answers = EARKIT
    assert isinstance(next(found), Connected)


def test_late_answers_are_no_news(plug: Plug, found: Iterator[Report]) -> None:
    """Nor are they taken for the answer to what is asked next, where the board numbers its replies."""
    peer = plug({**EARKIT, b"hello 1": HELLO.replace(b'"protocol":1', b'"protocol":1,"numbers":true')})
    assert isinstance(next(found), Connected)
    assert peer.heard[-1].startswith(b"#")
    peer.say(b'#2 ok x 9\r\nok infer 128\r\n#3 {"ms":900000}\r\n')
    peer.say(b'{"event":"heard","label":"yes","score":204,"ms":2336,"seq":0}\r\n')
    assert isinstance(next(found), Detection)


def test_a_board_that_restarts_behind_its_port_is_greeted_again(link: Path, plug: Plug) -> None:
    """Its clock went back: it has forgotten hello, streams and settings."""
    peer = plug({**EARKIT, b"stats": b'{"ms":900000}\r\n'})
    found = watch(line_to(link, health_seconds=0.5))
    assert isinstance(next(found), Connected)
    peer.answers = {**EARKIT, b"stats": b'{"reset":"watchdog","ms":100}\r\n'}
    seen = [next(report for report in found if not isinstance(report, Health)) for _ in range(2)]
    assert seen[0] == Note("b", "the board has restarted: watchdog") and isinstance(seen[1], Connected)
    found.close()  # type: ignore[attr-defined]


def test_a_label_with_a_space_has_no_slider(link: Path, plug: Plug) -> None:
    answers = {b"hello 1": HELLO.replace(b'"yes"', b'"turn left","yes"')}
    plug({**EARKIT, **answers, b"get threshold.turn left": b"error usage: get NAME\r\n"})
    found = watch(line_to(link))
    first = next(found)
    assert isinstance(first, Connected) and first.identity.labels[2:] == ("turn left", "yes")
    assert sorted(first.settings) == ["average", "minimum_count", "suppression", "threshold.yes"]
    found.close()  # type: ignore[attr-defined]


def test_other_firmware_is_listened_to(plug: Plug, found: Iterator[Report]) -> None:
    peer = plug({})
    first = next(found)
    assert isinstance(first, Note) and "does not answer hello" in first.text
    peer.say(b"Heard no (201) @5000ms\r\n\x1b[2Jhello\x07 \xff\xfe\r\n" + b"y" * 3000 + b"\r\n")
    heard = next(found)
    assert isinstance(heard, Detection) and heard.label == "no" and heard.sequence is None
    assert next(found) == Note("b", "\\x1b[2Jhello\\x07 \ufffd\ufffd")
    endless = next(found)
    assert isinstance(endless, Note) and len(endless.text) == TEXT_LIMIT + 1
    peer.say(b'{"temperature":21}\r\n#1 okay\r\n')
    assert [next(found), next(found)] == [Note("b", '{"temperature":21}'), Note("b", "#1 okay")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"error this firmware (9.0) speaks protocol 2 to 3, not 1\r\n", "speaks protocol 2 to 3, not 1"),
        (
            HELLO.replace(b'"protocol":1', b'"protocol":2'),
            "the board speaks protocol 2, this program 1; update",
        ),
    ],
)
def test_newer_firmware_is_one_clear_line(plug: Plug, link: Path, answer: bytes, said: str) -> None:
    plug({**EARKIT, b"hello 1": answer})
    with pytest.raises(LinkError, match=said):
        list(watch(line_to(link)))


@pytest.mark.parametrize(
    "line",
    [
        b'{"event":"heard","label":7,"score":"x","ms":null,"seq":0}',
        b'{"event":"heard","label":"yes","score":1e999,"ms":1,"seq":0}',
        b'{"event":"heard","label":"yes","score":300,"ms":1,"seq":0}',
        b'{"event":"heard","label":"yes","score":3,"ms":' + b"9" * 400 + b',"seq":0}',
        b'{"event":"scores","scores":[1,2,300],"ms":1,"seq":0}',
        b'{"event":"scores","scores":{"a":1},"ms":1,"seq":0}',
    ],
)
def test_broken_event_is_a_note(plug: Plug, found: Iterator[Report], line: bytes) -> None:
    peer = plug()
    next(found)
    peer.say(line + b"\r\n")
    broken = next(found)
    assert isinstance(broken, Note) and broken.text.startswith("a broken event") and broken.text.isprintable()


def test_a_hostile_board_harms_nothing(plug: Plug, found: Iterator[Report]) -> None:
    peer = plug()
    next(found)
    lines = [
        b'{"event":"\x1b]0;evil\x07","text":"\xe2\x80\xae\x1b[2J","ms":1,"seq":99999999999}\r\n',
        b"x" * 10_000 + b"\r\n\0\x02\x02" + b"\xff" * 3000 + b"\0",
        b'{"a":' * 700 + b"\r\n",
        b'{"event":"heard","label":"\\u001b[31m$(reboot)`id`;\\u202e","score":9,"ms":5,"seq":0}\r\n',
    ]
    threading.Thread(target=lambda: [peer.say(line) for line in lines], daemon=True).start()
    seen = []
    for report in found:
        seen.append(report)
        if isinstance(report, Detection):
            break
    assert isinstance(seen[-1], Detection) and seen[-1].label.startswith("\\x1b[31m$(reboot)`id`;\\x202e")
    texts = [report.text for report in seen if isinstance(report, Note)]
    assert texts and all(text.isprintable() and len(text) <= TEXT_LIMIT + 1 for text in texts)


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "\x9b31m", "\u202eevil", "a\nb\r", "\x7f\x08"])
def test_nothing_reaches_the_terminal(text: str) -> None:
    assert safe(text).isprintable()


def test_everything_streams_and_settings_change(board: str) -> None:
    """The application itself, with sound: nothing is lost, and a job reaches it."""
    line = Line("native", lambda: open_port(board), ("scores", "features", "audio"), health_seconds=1.0)
    seen: list[Report] = []
    least = {Audio: 101, Features: 101, Scores: 51, Setting: 1, Health: 2}
    for report in watch(line):
        seen.append(report)
        if isinstance(report, Connected):
            line.jobs.put(setting("native", "threshold.yes", 5))
            line.jobs.put(setting("native", "threshold.nonsense", 5))
        count = Counter(map(type, seen))
        if all(count[kind] >= number for kind, number in least.items()):
            line.stop.set()
    assert Setting("native", "threshold.yes", 5) in seen
    assert any(isinstance(r, Note) and "no setting threshold.nonsense" in r.text for r in seen)
    health = next(r for r in reversed(seen) if isinstance(r, Health))
    assert isinstance(health, Health) and health.lost_frames == health.lost_events == health.damaged == 0
    assert health.stats["dropped_lines"] == health.stats["dropped_frames"] == 0
    assert health.cpu_percent is not None and 0 <= health.cpu_percent <= 100


def test_latency_is_counted_from_the_quickest() -> None:
    latency = Latency()
    latency.least = 6.0
    assert latency.of(1000, 101.0) == 6
    assert latency.of(1040, 101.05) == pytest.approx(16)
    assert latency.of(1080, 101.07) == 6, "quicker than all before"
    assert latency.of(1120, 101.13) == pytest.approx(26)
    assert latency.of(21120, 121.2) == 6, "the old ones are forgotten: clocks drift"
