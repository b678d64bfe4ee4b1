"""What a board hears, for as long as anybody wants to know: unplugging is a pause."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from earshot.device.ports import Port
from earshot.device.protocol import Damaged, Event, Item, TextLine
from earshot.device.session import Hello, Session
from earshot.errors import LinkError

RETRY_SECONDS = 0.5
TEXT_LIMIT = 200


@dataclass(frozen=True)
class Detection:
    label: str
    score: int
    """0..255"""
    ms: int
    """Of sound since the board's start."""
    time: datetime
    """When it arrived here."""


@dataclass(frozen=True)
class Note:
    """Anything else worth a line: connected, gone, sound lost, what another firmware prints."""

    text: str


Report = Detection | Note


def watch(connect: Callable[[], Port], retry_seconds: float = RETRY_SECONDS) -> Iterator[Report]:
    """Yield reports without end; `connect` opens the port, again whenever the board has gone.

    A board that cannot be opened at first raises LinkError; later ones are waited for. Firmware that does
    not know `hello` is only listened to. All texts are safe to print.
    """
    port = connect()
    while True:
        try:
            yield from _follow(port, connect)
        except LinkError as error:
            if error.__cause__ is None:  # a peer that cannot be talked to, rather than one that has gone
                raise
            yield Note("the board has gone; waiting for it")
        port = _reconnect(connect, retry_seconds)


def _follow(port: Port, connect: Callable[[], Port]) -> Iterator[Report]:
    session = Session(port)
    try:
        session.__enter__()
    except LinkError as error:
        if "nobody answers" not in error.message:
            raise
        session = Session(connect())
        yield Note("connected; this firmware does not answer hello, its lines follow")
        try:
            yield from _reports(session)
        finally:
            session.port.close()
    with session:
        yield Note(_greeting(session.board))
        yield from _reports(session)


def _reports(session: Session) -> Iterator[Report]:
    for item in session.events():
        if isinstance(item, Event) and item.lost:
            yield Note(f"{item.lost} lines from the board were lost")
        report = _report(item)
        if report:
            yield report


def _reconnect(connect: Callable[[], Port], retry_seconds: float) -> Port:
    while True:
        time.sleep(retry_seconds)
        try:
            return connect()
        except LinkError:
            continue


def _greeting(board: Hello) -> str:
    model = safe(f"{board.model} on {board.board}, {board.engine} engine, firmware {board.firmware}")
    return f"connected: {model}; listens for {safe(', '.join(board.labels[2:]))}"


def _report(item: Item) -> Report | None:
    if isinstance(item, TextLine):
        return Note(safe(item.text))
    if isinstance(item, Damaged):
        return Note(f"damaged on the line: {item.reason}")
    if not isinstance(item, Event):
        return None
    if item.kind == "heard":
        return _detection(item)
    if item.kind == "overruns":
        return Note(safe(f"sound was lost: {item.fields.get('total')} hops since the start"))
    return Note(safe(f"{item.kind}: {item.fields.get('text', item.fields)}"))


def _detection(event: Event) -> Report:
    label, score, ms = (event.fields.get(name) for name in ("label", "score", "ms"))
    if isinstance(label, str) and isinstance(score, int) and isinstance(ms, int):
        return Detection(safe(label), score, ms, datetime.now().astimezone())
    return Note(safe(f"a broken event: {event.fields}"))


def safe(text: str) -> str:
    """`text` without anything a terminal would act on, and of bounded length."""
    short = text[:TEXT_LIMIT] + ("…" if len(text) > TEXT_LIMIT else "")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in short)
