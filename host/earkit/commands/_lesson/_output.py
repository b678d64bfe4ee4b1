"""What every lesson offers: a picture to a file or on the screen, and its figures as JSON."""

import functools
import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from earkit import files
from earkit.commands._grammar import json_option, plot_option
from earkit.commands._terminal import console, print_json, progress_bars
from earkit.errors import EarkitError, require_all
from earkit.figure import check_name
from earkit.progress import Progress, silent

LARGEST = 1e100
"""Beyond, squares do not fit a double."""


class Finite(click.ParamType[float]):
    """A number that is neither NaN nor infinite nor nearly so."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not abs(number) <= LARGEST:
            self.fail(f"'{value}' is not a number such as 10 or -2.5", param, ctx)
        return number


@dataclass(frozen=True)
class Output:
    plot: Path | None
    show: bool
    as_json: bool

    @contextmanager
    def picture(self) -> Iterator[Path | None]:
        """Yield where to draw, or None when no picture is wanted; then it is where the user wants it.

        Fails before the block when it could not be written, so enter it before long work.
        """
        if self.plot is None and not self.show:
            yield None
            return
        require_all("plot", "matplotlib")
        if self.show and not _has_screen():
            raise EarkitError("there is no screen to show pictures on", "write one instead: --plot FILE.png")
        place = self.plot or Path(tempfile.mkdtemp(prefix="earkit-lesson-")) / "lesson.png"
        check_name(place)
        with files.replacing(place) as temporary:
            yield temporary
        if self.plot is not None:
            self.say(f"picture: {place}")
        if self.show and click.launch(str(place), wait=True) != 0:
            raise EarkitError("nothing here shows pictures", f"it lies in {place}; --plot says where")

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A Progress, drawn for people."""
        if self.as_json:
            yield silent
            return
        with progress_bars() as report:
            yield report

    def say(self, line: str = "") -> None:
        """Print a line for people."""
        if not self.as_json:
            console.print(line, markup=False)

    def finish(self, figures: dict[str, Any]) -> None:
        """Print the figures when they are what was asked for."""
        if self.as_json:
            print_json(figures)


def _has_screen() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def with_output(function: Callable[..., None]) -> Callable[..., None]:
    """Add --plot, --show and --json to a lesson and pass them as `output`."""

    @plot_option("Draw a picture to this .png, .svg or .pdf file.")
    @click.option("--show", is_flag=True, help="Show the picture on the screen.")
    @json_option
    @functools.wraps(function)
    def run(*args: Any, plot: Path | None, show: bool, as_json: bool, **options: Any) -> None:
        function(*args, output=Output(plot, show, as_json), **options)

    return run
