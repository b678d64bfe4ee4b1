"""This computer's own ear: a spotter whose results are reports."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from queue import Empty, SimpleQueue

import numpy as np

from earkit.core.frontend import Samples
from earkit.errors import EarkitError, SettingError
from earkit.monitor.reports import (
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
from earkit.settings import SETTING_FIELDS, ModelSettings
from earkit.spotter.host import Listener
from earkit.spotter.model import Engine


class Ear:
    """Reports what a board with this model would, at the board's times."""

    def __init__(self, name: str, engine: Engine, settings: ModelSettings, identity: Identity) -> None:
        self._name, self._settings, self._identity = name, settings, identity
        self._listener = Listener(engine, settings)
        self._hop = 0
        self._wishes: SimpleQueue[tuple[str, int]] = SimpleQueue()

    def set(self, name: str, value: int) -> None:
        """Change a setting from any thread, as `earkit set` does on a board."""
        self._wishes.put((name, value))

    def hear(self, blocks: Iterable[Samples], stop: threading.Event) -> Iterator[Report]:
        """Yield reports of the blocks until there are no more or `stop` is set."""
        yield Connected(self._name, self._identity, self._settings_now(), ("scores", "features", "audio"))
        for block in blocks:
            if stop.is_set():
                return
            yield from self._take_wishes()
            if len(block):
                yield from self._take(block)

    def _settings_now(self) -> dict[str, int]:
        rule = self._listener.recognizer
        pairs = zip(self._settings.labels, rule.thresholds, strict=True)
        return {
            **{
                name: getattr(rule.settings, at) for name, at in SETTING_FIELDS.items() if name != "threshold"
            },
            **{f"threshold.{label}": value for label, value in pairs if label in self._settings.words},
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
            except EarkitError as error:
                yield Note(self._name, str(error))

    def _change(self, name: str, value: int) -> None:
        rule, labels = self._listener.recognizer, self._settings.labels
        thresholds = rule.thresholds
        kind, _, label = name.partition(".")
        if kind == "threshold" and label in labels:
            at = labels.index(label)
            rule.thresholds = (*thresholds[:at], value, *thresholds[at + 1 :])
        elif name in SETTING_FIELDS:
            rule.settings = replace(rule.settings, **{SETTING_FIELDS[name]: value})
            rule.thresholds = (value,) * len(labels) if name == "threshold" else thresholds
        else:
            raise SettingError(f"there is no setting {name}")

    def _take(self, block: Samples) -> Iterator[Report]:
        self._hop += 1
        step = self._listener.hear(block)
        yield Audio(self._name, self._hop, block)
        if step.row is not None:
            yield Features(self._name, self._hop, step.row)
        if step.scores is not None:
            yield Scores(self._name, step.ms, tuple(int(score) + 128 for score in step.scores))
        if step.heard:
            found, now = step.heard, datetime.now().astimezone()
            yield Detection(self._name, found.label, found.score, found.ms, now, self._identity)


def blocks_of(pieces: Iterable[Samples]) -> Iterator[Samples]:
    """Pieces of any length as the listener's blocks; an empty one passes, so that a waiting source can
    stop."""
    size = Listener.block_samples
    waiting = np.empty(0, np.int16)
    for piece in pieces:
        waiting = np.concatenate([waiting, piece])
        if len(waiting) < size:
            yield waiting[:0]
        while len(waiting) >= size:
            yield waiting[:size]
            waiting = waiting[size:]
