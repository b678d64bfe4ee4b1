"""Several sources, each in a thread of its own, as one stream of reports."""

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, Queue
from types import TracebackType
from typing import Self

from earkit.errors import EarkitError
from earkit.monitor.reports import Note, Report

_WAITING = 20_000
"""Reports that wait at most; a source that is ahead of the sinks by more waits too."""
_TICK_SECONDS = 0.1
_LEAVE_SECONDS = 3.0

Source = Callable[[threading.Event], Iterable[Report]]
"""Yields reports until the event is set, or until it has no more."""


class Gather:
    """Use as a context manager; leaving it stops the sources and waits until they said bye."""

    def __init__(self, sources: dict[str, Source]) -> None:
        self._queue: Queue[Report | BaseException | None] = Queue(_WAITING)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=item, name=item[0], daemon=True)
            for item in sources.items()
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            while thread.is_alive() and not self._drained():
                thread.join(_TICK_SECONDS)
            thread.join(_LEAVE_SECONDS)

    def _drained(self) -> bool:
        """Make room for a source that waits to put its last report."""
        full = self._queue.full()
        while full and not self._queue.empty():
            self._queue.get_nowait()
        return not full

    def say(self, board: str, text: str) -> None:
        """Add a note from any thread; lost when the queue is full."""
        if not self._queue.full():
            self._queue.put_nowait(Note(board, text))

    def said(self) -> list[Report | None]:
        """After the last source has ended: what was said in 0.1 s, and None, as in `reports`."""
        self._stop.wait(_TICK_SECONDS)
        notes: list[Report | None] = [None]
        while not self._queue.empty():
            item = self._queue.get_nowait()
            if isinstance(item, Report):
                notes.append(item)
        return notes

    def reports(self) -> Iterator[Report | None]:
        """Yield reports as they come, None every 0.1 s without one; end with the last source.

        Raises the EarkitError that ended a source when it was the only one; of several, the others go on.
        """
        running = len(self._threads)
        while running:
            try:
                item = self._queue.get(timeout=_TICK_SECONDS)
            except Empty:
                yield None
                continue
            if item is None:
                running -= 1
            elif isinstance(item, Report):
                yield item
            elif isinstance(item, EarkitError) and len(self._threads) > 1:
                yield Note("", str(item))
                running -= 1
            else:
                raise item

    def _run(self, name: str, source: Source) -> None:
        try:
            for report in source(self._stop):
                self._queue.put(report)
            self._queue.put(None)
        except EarkitError as error:
            self._queue.put(
                error if len(self._threads) == 1 else type(error)(f"{name}: {error.message}", error.hint)
            )
        except BaseException as error:  # a defect: shown by the main thread with its traceback
            self._queue.put(error)
