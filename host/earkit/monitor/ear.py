"""This computer's own ear: the board's front end, model and recogniser on a stream of samples."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from queue import Empty, SimpleQueue

import numpy as np
from numpy.typing import NDArray

from earkit.core import frontend
from earkit.core.recognizer import Recognizer
from earkit.monitor.reports import (
    CHANNELS,
    HOP,
    Audio,
    Connected,
    Detection,
    Features,
    Identity,
    Note,
    Report,
    Scores,
    Setting,
)
from earkit.settings import ModelSettings

ROWS = 2
"""Hops between two inferences, as in firmware/app/spotter."""
QUIET_HOPS = 50
"""The window is not full before."""
MS_PER_HOP = 20

Samples = NDArray[np.int16]
Invoke = Callable[[NDArray[np.int8]], NDArray[np.int8]]
"""A model: int8[frames, 40] in, int8[labels] out."""


class Ear:
    """Reports what a board with this model would, at the board's times."""

    def __init__(self, name: str, invoke: Invoke, settings: ModelSettings, identity: Identity) -> None:
        self._name, self._invoke, self._settings, self._identity = name, invoke, settings, identity
        self._recognizer = Recognizer(settings.recognizer, len(settings.labels))
        self._frontend = frontend.Frontend()
        self._window = np.full((settings.frontend.frames, CHANNELS), -128, np.int8)
        self._rows = 0
        self._hop = 0
        self._wishes: SimpleQueue[tuple[str, int]] = SimpleQueue()

    def set(self, name: str, value: int) -> None:
        """Change a setting from any thread, as `earkit set` does on a board."""
        self._wishes.put((name, value))

    def hear(self, blocks: Iterable[Samples], stop: threading.Event) -> Iterator[Report]:
        """Yield reports of int16[320] blocks until there are no more or `stop` is set."""
        yield Connected(self._name, self._identity, self._settings_now(), ("scores", "features", "audio"))
        for block in blocks:
            if stop.is_set():
                return
            yield from self._take_wishes()
            if len(block):
                yield from self._take(block)

    def _settings_now(self) -> dict[str, int]:
        settings = self._recognizer.settings
        pairs = zip(self._settings.labels, self._recognizer.thresholds, strict=True)
        return {
            "suppression": settings.suppression_ms,
            "average": settings.average_ms,
            "minimum_count": settings.minimum_count,
            **{f"threshold.{label}": value for label, value in list(pairs)[2:]},
        }

    def _take_wishes(self) -> Iterator[Report]:
        while True:
            try:
                name, value = self._wishes.get_nowait()
            except Empty:
                return
            try:
                self._change(name, value)
                yield Setting(self._name, name, value)
            except ValueError as error:
                yield Note(self._name, str(error))

    def _change(self, name: str, value: int) -> None:
        thresholds = self._recognizer.thresholds
        if name.startswith("threshold."):
            at = self._settings.labels.index(name.removeprefix("threshold."))
            self._recognizer.thresholds = (*thresholds[:at], value, *thresholds[at + 1 :])
            return
        field = {"suppression": "suppression_ms", "average": "average_ms"}.get(name, name)
        self._recognizer.settings = replace(self._recognizer.settings, **{field: value})
        self._recognizer.thresholds = thresholds

    def _take(self, block: Samples) -> Iterator[Report]:
        self._hop += 1
        yield Audio(self._name, self._hop, block)
        for row in frontend.to_int8(self._frontend.feed(block)):
            yield Features(self._name, self._hop, row)
            self._window = np.concatenate([self._window[1:], row[np.newaxis]])
            self._rows += 1
            if self._rows % ROWS == 0:
                yield from self._infer()

    def _infer(self) -> Iterator[Report]:
        scores = self._invoke(self._window)
        ms = self._hop * MS_PER_HOP
        yield Scores(self._name, ms, tuple(int(score) + 128 for score in scores))
        if self._hop < QUIET_HOPS:
            return
        best = self._recognizer.update(scores, ms)
        if best.is_new and best.label > 1:
            label = self._settings.labels[best.label]
            yield Detection(
                self._name, label, best.score, ms, datetime.now().astimezone(), self._identity
            )  # fmt: skip


def blocks_of(pieces: Iterable[Samples]) -> Iterator[Samples]:
    """Pieces of any length as int16[320] blocks; an empty piece passes, so that a waiting source can stop."""
    waiting = np.empty(0, np.int16)
    for piece in pieces:
        waiting = np.concatenate([waiting, piece])
        if len(waiting) < HOP:
            yield waiting[:0]
        while len(waiting) >= HOP:
            yield waiting[:HOP]
            waiting = waiting[HOP:]
