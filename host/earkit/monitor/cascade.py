"""The second stage: wait until the sound after a word is there, then hand it on as a WAV."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from earkit.monitor.reports import Audio, Detection, Gone, Report
from earkit.monitor.sound import HOPS_PER_SECOND, MS_PER_HOP, Samples, SoundRing

LONGEST_SECONDS = 30
PATIENCE_SECONDS = 3.0
"""How much later than the sound itself its last frame may come."""

Done = Callable[[Samples], None]


@dataclass(frozen=True)
class _Order:
    board: str
    first: int
    hops: int
    deadline: float
    done: Done


class Cascade:
    """A sink; `order` asks for the sound after a detection."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        self._say = say
        self._rings: dict[str, SoundRing] = {}
        self._orders: list[_Order] = []

    @property
    def is_waiting(self) -> bool:
        return bool(self._orders)

    def order(self, found: Detection, seconds: float, done: Done) -> None:
        """Call `done` when `seconds` of sound after the word have come; say so when they do not."""
        hops = round(seconds * HOPS_PER_SECOND)
        deadline = time.monotonic() + seconds + PATIENCE_SECONDS
        self._orders.append(_Order(found.board, found.ms // MS_PER_HOP + 1, hops, deadline, done))

    def take(self, report: Report | None) -> None:
        """Take every report, and None now and then: it is what ends an order that gets no sound."""
        if isinstance(report, Audio):
            self._rings.setdefault(report.board, SoundRing(LONGEST_SECONDS + 2)).add(report)
        elif isinstance(report, Gone) and report.board in self._rings:
            self._rings[report.board].clear()
        for order in [order for order in self._orders if self._is_over(order)]:
            self._orders.remove(order)
            self._finish(order)

    def _is_over(self, order: _Order) -> bool:
        ring = self._rings.get(order.board)
        newest = ring.newest if ring else -1
        return newest >= order.first + order.hops - 1 or time.monotonic() > order.deadline

    def _finish(self, order: _Order) -> None:
        ring = self._rings.get(order.board)
        samples, missing = ring.cut(order.first, order.hops) if ring else (None, order.hops)
        if samples is None or missing == order.hops:
            self._say(order.board, "the sound after the word did not come: nothing recorded")
            return
        if missing:
            self._say(order.board, f"{missing * MS_PER_HOP} ms of the recording are missing")
        order.done(samples)
