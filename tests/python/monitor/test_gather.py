"""Several sources as one stream."""

import threading
import time
from collections.abc import Iterator

import pytest

from earkit.errors import LinkError
from earkit.monitor.gather import Gather, Source
from earkit.monitor.reports import Note, Report


def counting(name: str, count: int = 3, fails: bool = False) -> Source:
    def source(stop: threading.Event) -> Iterator[Report]:
        for number in range(count):
            if stop.is_set():
                return
            yield Note(name, str(number))
        if fails:
            raise LinkError("it is broken", "mend it")

    return source


def test_all_are_heard_in_their_own_order() -> None:
    with Gather({name: counting(name, 500) for name in "abc"}) as gather:
        seen = [report for report in gather.reports() if isinstance(report, Note)]
    for name in "abc":
        assert [note.text for note in seen if note.board == name] == [str(number) for number in range(500)]


def test_the_only_one_that_fails_ends_it() -> None:
    with (
        Gather({"a": counting("a", fails=True)}) as gather,
        pytest.raises(LinkError, match="it is broken; mend"),
    ):
        list(gather.reports())


def test_of_several_the_others_go_on() -> None:
    with Gather({"a": counting("a", fails=True), "b": counting("b", 100)}) as gather:
        seen = [report for report in gather.reports() if isinstance(report, Note)]
    assert Note("", "a: it is broken; mend it") in seen and Note("b", "99") in seen


def test_leaving_ends_an_endless_source_that_waits() -> None:
    with Gather({"a": counting("a", 10**9)}) as gather:
        next(iter(gather.reports()))
        time.sleep(0.5)  # its queue is full by now
        began = time.monotonic()
    assert time.monotonic() - began < 60 and not any(thread.is_alive() for thread in gather._threads)


def test_time_passes_without_reports() -> None:
    def silent(stop: threading.Event) -> Iterator[Report]:
        stop.wait(0.5)
        return iter(())

    with Gather({"a": silent}) as gather:
        assert list(gather.reports()).count(None) >= 3
