"""What one board hears, for as long as anybody wants to know: a cut link is a pause."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from earkit.device import protocol
from earkit.device.answers import Hello, Stats
from earkit.device.ports import Port
from earkit.device.protocol import Damaged, Event, Frame, Item, TextLine
from earkit.device.session import GoneError, Session, SilenceError
from earkit.errors import LinkError
from earkit.monitor.reports import (
    NOBODY,
    Connected,
    Gone,
    Health,
    Latency,
    Note,
    Report,
    Setting,
    safe,
)
from earkit.monitor.translate import (
    computing_ms,
    cpu_percent,
    frame_reports,
    identity_of,
    is_time,
    report_of,
)
from earkit.settings import SETTING_FIELDS, words_of

RETRY_SECONDS = 0.2
REPLY_SECONDS = 0.7
POLL_SECONDS = 0.1
"""How often jobs are looked for."""
HEALTH_SECONDS = 5.0
REFUSALS = 3
"""A peer that refuses as often in a row cannot be talked to."""

Job = Callable[[Session], Iterator[Report]]


@dataclass
class Line:
    """How one board is watched."""

    name: str
    connect: Callable[[], Port]
    """Opens the port; called again whenever the board has gone."""
    streams: Sequence[str] = ("scores",)
    """Of scores, features and audio; what the board refuses is noted and done without."""
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
        self._last_stats = Stats()

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
        self._identity = identity_of(hello, self.line.id())
        streams, notes = self._start_streams(session)
        self._last_stats = session.stats()
        self._latency.least = computing_ms(self._last_stats)
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
        if (stats.ms or 0) < (before.ms or 0):
            yield Note(self.line.name, f"the board has restarted: {safe(str(stats.reset))}")
            self._latency = Latency()
            self._lost = self._counts(session)
            yield from self._greet(session, session.hello())
            return
        yield Health(self.line.name, stats.known(), cpu_percent(before, stats), *self._counts(session))

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
            yield from frame_reports(name, item)
        else:
            if item.lost:
                yield Note(name, f"{item.lost} lines from the board were lost")
            yield self._event(item)

    def _event(self, event: Event) -> Report:
        ms, counted = event.fields.get("ms"), "seq" in event.fields
        late = self._latency.of(ms, time.monotonic()) if is_time(ms) and counted else None
        return report_of(self.line.name, event, self._identity, late)


def read_settings(session: Session, hello: Hello) -> dict[str, int]:
    """What `set` can change, and what it is now: each word's threshold, and the other settings; without what
    the board does not tell, such as the label "turn left" of firmware that takes no spaces."""
    settings = {}
    names = [name for name in SETTING_FIELDS if name != "threshold"]
    for name in (*names, *(f"threshold.{label}" for label in words_of(hello.labels))):
        try:
            settings[name] = session.get(name)
        except GoneError:
            raise
        except LinkError:
            continue
    return settings


def _speed_up(session: Session) -> None:
    """Change to the highest speed that board, port and cable do; LinkError when none carries audio."""
    for baud in sorted(protocol.BAUDS, reverse=True):
        try:
            session.baud(baud)
            return
        except GoneError:
            raise
        except LinkError:
            if baud == protocol.AUDIO_BAUD:
                raise
