"""What `monitor` and `listen` share: the options that say where reports go, and the loop that moves them."""

import functools
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from earkit.monitor import console, rules
from earkit.monitor.actions import Actions
from earkit.monitor.feed import Feed
from earkit.monitor.gather import Gather, Source
from earkit.monitor.log import Log
from earkit.monitor.reports import Note, Report, Sink

if TYPE_CHECKING:
    from earkit.monitor.mqtt import Mqtt

_OPTIONS = (
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object per event."),
    click.option("--web", is_flag=True, help="Serve a page for this computer's browser."),
    click.option("--web-address", metavar="ADDRESS[:PORT]", default="127.0.0.1", show_default=True,
                 help="Where to serve it; another address shows it to the network."),
    click.option("--log", type=click.Path(path_type=Path),
                 help="Append detections to this file; see `earkit log`."),
    click.option("--on", "on", multiple=True, metavar="WORD=ACTION",
                 help="Do this on a word: a shell command, open:URL, key:KEYS, post:URL, mqtt:TOPIC or "
                 "record:SECONDS:COMMAND. WORD may be WORD:SCORE/PAUSE."),
    click.option("--rules", "rules_file", type=click.Path(path_type=Path), help="A TOML file of actions."),
    click.option("--dry-run", is_flag=True, help="Say what the actions would do, and do nothing."),
    click.option("--mqtt", metavar="HOST[:PORT]",
                 help="Publish detections there, with Home Assistant's discovery."),
)  # fmt: skip


@dataclass(frozen=True)
class Outputs:
    as_json: bool
    web: bool
    web_address: str
    log: Path | None
    rules: Sequence[rules.Rule]
    dry_run: bool
    mqtt: str | None

    @property
    def is_live(self) -> bool:
        """Whether a panel is drawn, rather than lines printed."""
        return not self.as_json and Console().is_terminal

    @property
    def streams(self) -> tuple[str, ...]:
        """What is wanted of a board beside its detections."""
        wanted = rules.streams(self.rules)
        if self.is_live:
            wanted |= {"scores", "audio"}
        if self.web:
            wanted |= {"scores", "features", "audio"}
        return tuple(name for name in ("scores", "features", "audio") if name in wanted)


def outputs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options above; it gets them as its first argument, an Outputs."""

    @functools.wraps(command)
    def wrapped(
        *, as_json: bool, web: bool, web_address: str, log: Path | None, on: Sequence[str],
        rules_file: Path | None, dry_run: bool, mqtt: str | None, **rest: Any,
    ) -> None:  # fmt: skip
        signal.signal(signal.SIGTERM, _end)
        chosen = [rules.parse(text) for text in on] + (rules.read(rules_file) if rules_file else [])
        command(Outputs(as_json, web, web_address, log, chosen, dry_run, mqtt), **rest)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _end(_number: int, _frame: object) -> None:
    """A service manager's SIGTERM is a Ctrl-C: say bye to boards and broker, end the simulated board."""
    raise KeyboardInterrupt


Set = Callable[[str, str, int, bool], None]


def run(chosen: Outputs, sources: dict[str, Source], set_: Set) -> None:
    """Move reports from the sources to every output until they end, or Ctrl-C."""
    gather = Gather(sources)
    with ExitStack() as stack:
        show = _screen(chosen, len(sources) > 1, stack)
        log, mqtt = _log(chosen, show, stack), _mqtt(chosen, gather, stack)
        publish = mqtt.publish if mqtt else None
        actions = Actions(chosen.rules, gather.say, publish, chosen.dry_run)
        stack.callback(actions.close)
        page = _serve(chosen.web_address, set_, show, stack) if chosen.web else None
        sinks = [sink for sink in (show, log, mqtt and mqtt.take, actions.take, page) if sink]
        stack.enter_context(gather)
        for report in gather.reports():
            for sink in sinks:
                sink(report)
        while chosen.web or actions.is_busy:  # a recording has ended; the page stays
            for said in gather.said():
                for sink in sinks:
                    sink(said)


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


def _screen(chosen: Outputs, named: bool, stack: ExitStack) -> Sink:
    if chosen.is_live:
        panels = console.Panels(Console())
        stack.enter_context(panels.live)
        return panels.show
    if chosen.as_json:
        return lambda report: _print_json(report)
    return console.lines(click.echo, functools.partial(click.echo, err=True), named)


def _print_json(report: Report | None) -> None:
    text = None if report is None else console.as_json(report)
    if text is not None:
        click.echo(text)
