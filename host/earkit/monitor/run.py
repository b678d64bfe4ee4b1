"""The monitor at work: reports from their sources to whatever takes them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from earkit.monitor.actions import Actions
from earkit.monitor.feed import Feed
from earkit.monitor.gather import Gather, Source
from earkit.monitor.log import Log
from earkit.monitor.reports import Connected, Note, Report, Sink
from earkit.monitor.rules import Rule, streams

if TYPE_CHECKING:
    from earkit.monitor.mqtt import Mqtt

Set = Callable[[str, str, int, bool], None]
"""Changes a setting: board, name, value, and whether the board should keep it over a reset."""


@dataclass(frozen=True)
class Outputs:
    """Where reports go besides the screen, and what is done about them."""

    log: Path | None = None
    rules: Sequence[Rule] = ()
    dry_run: bool = False
    mqtt: str | None = None
    """HOST[:PORT] of a broker."""
    web: str | None = None
    """ADDRESS[:PORT] of the page."""
    thresholds: Mapping[str, int] = field(default_factory=dict)
    """By word; set on each board that connects, until its next reset."""

    def wanted(self, is_live: bool) -> tuple[str, ...]:
        """What is wanted of a board beside its detections; a live panel wants some too."""
        wanted = streams(self.rules)
        if is_live:
            wanted |= {"scores", "audio"}
        if self.web:
            wanted |= {"scores", "features", "audio"}
        return tuple(name for name in ("scores", "features", "audio") if name in wanted)


def run(chosen: Outputs, sources: dict[str, Source], set_: Set, show: Sink) -> None:
    """Move reports from the sources to `show` and every output until they end, or Ctrl-C."""
    gather = Gather(sources)
    with ExitStack() as stack:
        log, mqtt = _log(chosen, show, stack), _mqtt(chosen, gather, stack)
        publish = mqtt.publish if mqtt else None
        actions = Actions(chosen.rules, gather.say, publish, chosen.dry_run)
        stack.callback(actions.close)
        page = _serve(chosen.web, set_, show, stack) if chosen.web else None
        limits = _setter(chosen.thresholds, set_)
        sinks = [sink for sink in (show, limits, log, mqtt and mqtt.take, actions.take, page) if sink]
        stack.enter_context(gather)
        for report in gather.reports():
            for sink in sinks:
                sink(report)
        while chosen.web or actions.is_busy:  # a recording has ended; the page stays
            for said in gather.said():
                for sink in sinks:
                    sink(said)


def _setter(thresholds: Mapping[str, int], set_: Set) -> Sink:
    """Sets the thresholds of whoever connects; words that it does not know are another board's."""

    def take(report: Report | None) -> None:
        if isinstance(report, Connected):
            for word, value in thresholds.items():
                if word in report.identity.labels:
                    set_(report.board, f"threshold.{word}", value, False)

    return take


def _log(chosen: Outputs, show: Sink, stack: ExitStack) -> Sink | None:
    if chosen.log is None:
        return None
    log = Log(chosen.log)
    stack.callback(log.close)
    return log.sink(show)


def _mqtt(chosen: Outputs, gather: Gather, stack: ExitStack) -> "Mqtt | None":
    if chosen.mqtt is None:
        return None
    from earkit.monitor.mqtt import Mqtt

    mqtt = Mqtt(chosen.mqtt, gather.say)
    stack.callback(mqtt.close)
    return mqtt


def _serve(address: str, set_: Set, show: Sink, stack: ExitStack) -> Sink:
    from earkit.monitor.web import Web

    feed = Feed()
    page = stack.enter_context(Web(feed, set_, address))
    show(Note("", f"the page is {page.url}"))
    if not page.is_local:
        show(Note("", "whoever can reach this address and knows the link hears what the board hears"))
    return feed.take
