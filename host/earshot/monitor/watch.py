"""What one board hears, for as long as anybody wants to know: a cut link is a pause."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any, TypeGuard

import numpy as np

from earshot.device import protocol
from earshot.device.ports import Port
from earshot.device.protocol import Damaged, Event, Frame, FrameType, Item, TextLine
from earshot.device.session import GoneError, Hello, Session, SilenceError
from earshot.errors import LinkError
from earshot.monitor.reports import (
    CHANNELS,
    HOP,
    NOBODY,
    WORD_LIMIT,
    Audio,
    Connected,
    Detection,
    Features,
    Gone,
    Health,
    Identity,
    Latency,
    Note,
    Report,
    Scores,
    Setting,
    safe,
)

RETRY_SECONDS = 0.2
REPLY_SECONDS = 0.7
POLL_SECONDS = 0.1
"""How often jobs are looked for."""
HEALTH_SECONDS = 5.0
REFUSALS = 3
"""A peer that refuses as often in a row cannot be talked to."""
SETTINGS = ("suppression", "average", "minimum_count")
STREAMS = ("scores", "features", "audio")
CYCLES_PER_MS = 64000

Job = Callable[[Session], Iterator[Report]]


@dataclass
class Line:
    """How one board is watched."""

    name: str
    connect: Callable[[], Port]
    """Opens the port; called again whenever the board has gone."""
    streams: Sequence[str] = ("scores",)
    """Of STREAMS; what the board refuses is noted and done without."""
    id: Callable[[], str] = lambda: ""
    jobs: "SimpleQueue[Job]" = field(default_factory=SimpleQueue)
    """From other threads, done between two events; `setting` makes one. Forgotten when the link is cut."""
    stop: threading.Event = field(default_factory=threading.Event)
    health_seconds: float = HEALTH_SECONDS
    retry_seconds: float = RETRY_SECONDS


def setting(board: str, name: str, value: int, keep: bool = False) -> Job:
    """A job that changes a setting, and with `keep` makes the board remember all of them."""

    def job(session: Session) -> Iterator[Report]:
        session.set(name, value)
        yield Setting(board, name, value)
        if keep and not session.save():
            yield Note(board, "this board forgets its settings at the next reset")

    return job


def watch(line: Line) -> Iterator[Report]:
    """Yield reports until `line.stop` is set.

    A board that cannot be opened at first raises LinkError; later ones are waited for. Firmware that does
    not know `hello` is only listened to. Raises LinkError for a peer that speaks another protocol.
    """
    watcher = _Watcher(line)
    port: Port | None = line.connect()
    refusals = 0
    while port is not None:
        try:
            yield from watcher.follow(port)
        except GoneError:
            if watcher.listening:
                yield Gone(line.name)
            watcher.listening = False
        except LinkError as error:
            refusals = 0 if watcher.greeted else refusals + 1
            if refusals == REFUSALS:
                raise
            yield Note(line.name, safe(error.message))
        port = _reopen(line)


def _reopen(line: Line) -> Port | None:
    while not line.stop.wait(line.retry_seconds):
        try:
            return line.connect()
        except LinkError:
            continue
    return None


class _Watcher:
    """One board over all its connections."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.greeted = False
        self.listening = True
        """Whether a Gone is news."""
        self._ever_greeted = False
        self._baud = protocol.BAUDS[0]
        self._lost = (0, 0, 0)
        self._identity = NOBODY
        self._latency = Latency()
        self._last_stats: dict[str, Any] = {}

    def follow(self, port: Port) -> Iterator[Report]:
        """Everything from one opening of the port to its end."""
        self.greeted = False
        self._latency = Latency()
        while not self.line.jobs.empty():
            self.line.jobs.get()
        session = Session(port, REPLY_SECONDS, self._baud)
        try:
            with session:
                yield from self._greet(session, session.board)
                yield from self._talk(session)
            yield from self._rest(session)
        except LinkError as error:
            yield from self._rest(session)
            if not isinstance(error, SilenceError):
                raise
            if self._ever_greeted:
                raise GoneError(error.message) from error
            yield from self._only_listen(Session(self.line.connect(), REPLY_SECONDS))
        finally:
            self._lost = self._counts(session)

    def _rest(self, session: Session) -> Iterator[Report]:
        """What came before the end."""
        for item in session.waiting():
            yield from self._reports(item)

    def _only_listen(self, session: Session) -> Iterator[Report]:
        yield Note(self.line.name, "connected; this firmware does not answer hello, its lines follow")
        try:
            while not self.line.stop.is_set():
                for item in session.events(POLL_SECONDS):
                    yield from self._reports(item)
        finally:
            session.port.close()

    def _greet(self, session: Session, hello: Hello) -> Iterator[Report]:
        self._identity = _identity(hello, self.line.id())
        streams, notes = self._start_streams(session)
        self._last_stats = session.stats()
        self._latency.least = _computing_ms(self._last_stats)
        settings = read_settings(session, hello)
        self.greeted = self._ever_greeted = self.listening = True
        yield Connected(self.line.name, self._identity, settings, streams)
        yield from notes

    def _start_streams(self, session: Session) -> tuple[tuple[str, ...], list[Note]]:
        started, notes = [], []
        for stream in self.line.streams:
            try:
                if stream == "audio":
                    _speed_up(session)
                session.stream(stream)
                started.append(stream)
            except GoneError:
                raise
            except LinkError as error:
                notes.append(Note(self.line.name, f"no {stream}: {safe(error.message)}"))
        self._baud = session.port.baudrate
        return tuple(started), notes

    def _talk(self, session: Session) -> Iterator[Report]:
        next_health = time.monotonic() + min(1.0, self.line.health_seconds / 5)
        while not self.line.stop.is_set():
            for item in session.events(POLL_SECONDS):
                yield from self._reports(item)
            yield from self._do_jobs(session)
            if time.monotonic() >= next_health:
                next_health += self.line.health_seconds
                yield from self._look(session)

    def _do_jobs(self, session: Session) -> Iterator[Report]:
        while True:
            try:
                job = self.line.jobs.get_nowait()
            except Empty:
                return
            try:
                yield from job(session)
            except GoneError:
                raise
            except LinkError as error:
                yield Note(self.line.name, safe(error.message))

    def _look(self, session: Session) -> Iterator[Report]:
        """Ask for the counters; a lost answer is asked for again, and a clock that went back is a restart."""
        try:
            stats = session.stats()
        except LinkError:
            stats = session.stats()
        before, self._last_stats = self._last_stats, stats
        if _number(stats, "ms") < _number(before, "ms"):
            yield Note(self.line.name, f"the board has restarted: {safe(str(stats.get('reset')))}")
            self._latency = Latency()
            self._lost = self._counts(session)
            yield from self._greet(session, session.hello())
            return
        yield Health(self.line.name, stats, _cpu_percent(before, stats), *self._counts(session))

    def _counts(self, session: Session) -> tuple[int, int, int]:
        """Lost frames, lost events and damage of all connections so far."""
        decoder, (frames, events, damaged) = session.decoder, self._lost
        return (
            frames + decoder.lost_frames, events + decoder.lost_events, damaged + decoder.damaged
        )  # fmt: skip

    def _reports(self, item: Item) -> Iterator[Report]:
        name = self.line.name
        if isinstance(item, TextLine):
            yield Note(name, safe(item.text))
        elif isinstance(item, Damaged):
            yield Note(name, f"damaged on the line: {item.reason}")
        elif isinstance(item, Frame):
            if item.lost:
                yield Note(name, f"{item.lost} frames from the board were lost")
            yield from _frame(name, item)
        else:
            if item.lost:
                yield Note(name, f"{item.lost} lines from the board were lost")
            yield self._event(item)

    def _event(self, event: Event) -> Report:
        name, fields = self.line.name, event.fields
        arrived = time.monotonic()
        ms = fields.get("ms")
        late = self._latency.of(ms, arrived) if _is_time(ms) and "seq" in fields else None
        if event.kind == "heard":
            return _detection(name, fields, self._identity, late)
        if event.kind == "scores":
            return _scores(name, fields)
        if event.kind == "overruns":
            return Note(name, safe(f"sound was lost: {fields.get('total')} hops since the start"))
        return Note(name, safe(f"{event.kind}: {fields.get('text', fields)}"))


def read_settings(session: Session, hello: Hello) -> dict[str, int]:
    """What `set` can change, and what it is now."""
    names = [*SETTINGS, *(f"threshold.{label}" for label in hello.labels[2:])]
    return {name: session.get(name) for name in names}


def _speed_up(session: Session) -> None:
    """Change to the highest speed that carries audio, the surest first where several do."""
    refused: LinkError | None = None
    for baud in (1000000, 921600, protocol.AUDIO_BAUD):
        try:
            return session.baud(baud)
        except GoneError:
            raise
        except LinkError as error:
            refused = error
    if refused:
        raise refused
    return None


def _identity(hello: Hello, port_id: str) -> Identity:
    texts = (hello.board, hello.model, hello.sha256, hello.engine, hello.firmware)
    board, model, sha256, engine, firmware = (safe(text) for text in texts)
    labels = tuple(safe(label, WORD_LIMIT) for label in hello.labels)
    return Identity(safe(port_id), board, model, sha256, engine, firmware, labels)


def _computing_ms(stats: dict[str, Any]) -> float:
    cycles = _number(stats, "hop_cycles") + _number(stats, "inference_cycles")
    return float(cycles) / CYCLES_PER_MS


def _cpu_percent(before: dict[str, Any], now: dict[str, Any]) -> float | None:
    asleep, passed = (_number(now, name) - _number(before, name) for name in ("asleep_ms", "ms"))
    return min(100.0, max(0.0, 100 - 100 * asleep / passed)) if passed > 0 else None


def _number(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    return value if isinstance(value, int) else 0


def _detection(name: str, fields: dict[str, Any], identity: Identity, late: float | None) -> Report:
    label, score, ms = (fields.get(key) for key in ("label", "score", "ms"))
    if not (isinstance(label, str) and _is_byte(score) and _is_time(ms)):
        return Note(name, safe(f"a broken event: {fields}"))
    sequence = fields.get("seq")
    return Detection(
        name, safe(label, WORD_LIMIT), score, ms, datetime.now().astimezone(), identity,
        sequence if _is_time(sequence) else None, late,
    )  # fmt: skip


def _scores(name: str, fields: dict[str, Any]) -> Report:
    scores, ms = fields.get("scores"), fields.get("ms")
    if isinstance(scores, list) and 0 < len(scores) <= 64 and all(map(_is_byte, scores)) and _is_time(ms):
        return Scores(name, ms, tuple(scores))
    return Note(name, safe(f"a broken event: {fields}"))


def _is_byte(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and 0 <= value <= 255


def _is_time(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and 0 <= value < 2**53


def _frame(name: str, frame: Frame) -> Iterator[Report]:
    if frame.type == FrameType.FEATURES and len(frame.payload) == CHANNELS:
        yield Features(name, frame.position, np.frombuffer(frame.payload, np.int8))
    elif frame.type == FrameType.AUDIO and len(frame.payload) == 2 * HOP:
        yield Audio(name, frame.position, np.frombuffer(frame.payload, "<i2").astype(np.int16))
