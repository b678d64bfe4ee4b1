"""earshot monitor: show what a board hears."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.text import Text

from earshot.device.ports import choose_board, find_boards, open_port
from earshot.monitor.simulated import simulated_board
from earshot.monitor.watch import Detection, Report, watch

BAR = 20


@click.command()
@click.argument("port", required=False)
@click.option("--wav", "wavs", multiple=True, help="With sim: play this file to it; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per detection.")
def command(port: str | None, wavs: tuple[str, ...], as_json: bool) -> None:
    """Show what the board at PORT hears, until Ctrl-C.

    PORT is a serial device, a pyserial URL, or `sim` for a simulated board; without it the board that is
    plugged in is found. Unplugging and plugging in again goes on.
    """
    if wavs and port != "sim":
        raise click.UsageError("--wav is for `earshot monitor sim`")
    show = _show_json if as_json else _show_rich if Console().is_terminal else _show_plain
    with _named(port, wavs) as name:
        reports = watch(lambda: open_port(name or choose_board(find_boards())))
        try:
            for report in reports:
                show(report)
        finally:
            reports.close()  # type: ignore[attr-defined]


@contextmanager
def _named(port: str | None, wavs: tuple[str, ...]) -> Iterator[str | None]:
    if port != "sim":
        yield port
        return
    with simulated_board(*(part for wav in wavs for part in ("--wav", wav))) as name:
        yield name


def _show_plain(report: Report) -> None:
    if isinstance(report, Detection):
        click.echo(f"{report.time:%H:%M:%S} Heard {report.label} ({report.score}) @{report.ms}ms")
    else:
        click.echo(report.text, err=True)


def _show_json(report: Report) -> None:
    if isinstance(report, Detection):
        fields = {"label": report.label, "score": report.score, "ms": report.ms}
        click.echo(
            json.dumps({"event": "heard", **fields, "time": report.time.isoformat("T", "milliseconds")})
        )
    else:
        click.echo(report.text, err=True)


def _show_rich(report: Report) -> None:
    console = Console()
    if not isinstance(report, Detection):
        console.print(Text(report.text, style="dim"))
        return
    filled = round(BAR * min(max(report.score, 0), 255) / 255)
    console.print(
        Text.assemble(
            (f"{report.time:%H:%M:%S}  ", "dim"),
            (f"{report.label:<16}", "bold green"),
            ("█" * filled, "green"),
            ("░" * (BAR - filled), "dim"),
            f" {report.score:3d}",
            (f"  @{report.ms} ms", "dim"),
        )
    )
