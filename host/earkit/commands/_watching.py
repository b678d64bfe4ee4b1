"""What `monitor` and `listen` share: the options that say where reports go, and the screen."""

import functools
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from earkit.commands._defaults import number_of, threshold
from earkit.commands._grammar import FILE, NEW_FILE, as_usage
from earkit.monitor import console, rules
from earkit.monitor.gather import Source
from earkit.monitor.reports import Report, Sink
from earkit.monitor.run import Outputs, Set, run


class _RuleType(click.ParamType[rules.Rule]):
    name = "rule"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> rules.Rule:  # noqa: ARG002
        with as_usage():
            return rules.parse(value)


class _ThresholdType(click.ParamType[tuple[str, int]]):
    name = "threshold"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        word, found, number = str(value).partition("=")
        if not found or not word:
            self.fail(f"{value} is not WORD=VALUE, such as yes=0.85", param, ctx)
        return word, threshold(number_of(number), f"--threshold {value}")


_OPTIONS = (
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object per event."),
    click.option("--web", is_flag=True, help="Serve a page for this computer's browser."),
    click.option("--web-address", metavar="ADDRESS[:PORT]", default="127.0.0.1", show_default=True,
                 help="Where to serve it; another address shows it to the network."),
    click.option("--log", type=NEW_FILE, help="Append detections to this file; see `earkit log`."),
    click.option("--do", "do", multiple=True, metavar="WORD:MINIMUM=ACTION", type=_RuleType(),
                 help="Do this on a word with at least this score: a shell command, open:URL, key:KEYS, "
                 "post:URL, mqtt:TOPIC or record:SECONDS:COMMAND. WORD alone takes any score, "
                 "WORD/SECONDS waits before the next time."),
    click.option("--rules", "rules_file", type=FILE, help="A TOML file of actions."),
    click.option("--dry-run", is_flag=True, help="Say what the actions would do, and do nothing."),
    click.option("--threshold", "thresholds", multiple=True, metavar="WORD=VALUE", type=_ThresholdType(),
                 help="Hear a word above this score of 255 (or share of 1), until the board's reset."),
    click.option("--mqtt", metavar="HOST[:PORT]",
                 help="Publish detections there, with Home Assistant's discovery."),
)  # fmt: skip


class Screen:
    """The terminal: a live panel, plain lines, or JSON lines."""

    def __init__(self, as_json: bool, chosen: Outputs) -> None:
        self._as_json, self._chosen = as_json, chosen
        self._is_live = not as_json and Console().is_terminal

    @property
    def streams(self) -> tuple[str, ...]:
        """What is wanted of a board beside its detections."""
        return self._chosen.wanted(self._is_live)

    def watch(self, sources: dict[str, Source], set_: Set) -> None:
        """Show what the sources report, and pass it on, until they end or Ctrl-C."""
        with ExitStack() as stack:
            run(self._chosen, sources, set_, self._show(len(sources) > 1, stack))

    def _show(self, is_named: bool, stack: ExitStack) -> Sink:
        if self._is_live:
            panels = console.Panels(Console())
            stack.enter_context(panels.live)
            return panels.show
        if self._as_json:
            return _print_json
        return console.lines(click.echo, functools.partial(click.echo, err=True), is_named)


def outputs(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options above; it gets a Screen as its first argument."""

    @functools.wraps(command)
    def wrapped(
        *, as_json: bool, web: bool, web_address: str, log: Path | None, do: Sequence[rules.Rule],
        rules_file: Path | None, dry_run: bool, thresholds: Sequence[tuple[str, int]], mqtt: str | None,
        **rest: Any,
    ) -> None:  # fmt: skip
        signal.signal(signal.SIGTERM, _end)
        chosen = [*do, *(rules.read(rules_file) if rules_file else [])]
        page = web_address if web else None
        command(Screen(as_json, Outputs(log, chosen, dry_run, mqtt, page, dict(thresholds))), **rest)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _end(_number: int, _frame: object) -> None:
    """A service manager's SIGTERM is a Ctrl-C: say bye to boards and broker, end the simulated board."""
    raise KeyboardInterrupt


def _print_json(report: Report | None) -> None:
    text = None if report is None else console.as_json(report)
    if text is not None:
        click.echo(text)
