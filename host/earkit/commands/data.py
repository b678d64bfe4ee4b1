"""earkit data: get recordings, and see what is in them."""

from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table

from earkit.audio import fetch, survey
from earkit.audio.dataset import SPLITS
from earkit.audio.survey import Survey
from earkit.commands._grammar import (
    FOLDER,
    Subcommand,
    json_option,
    out_option,
    plot_option,
)
from earkit.commands._terminal import aside, console, notes, print_json, progress_bars
from earkit.errors import require_all
from earkit.evaluation import pictures


class Data(Subcommand, click.Group):
    """A group whose help ends with examples too."""


@click.group(name="data", cls=Data, examples=("earkit data fetch", "earkit data info recordings"))
def command() -> None:
    """Get recordings to train with, and see what is in them."""


@command.command(
    name="fetch", cls=Subcommand,
    examples=("earkit data fetch", "earkit data fetch --set v0.02 --out speech_commands"),
)  # fmt: skip
@click.option(
    "--set",
    "name",
    default="mini",
    show_default=True,
    type=click.Choice(sorted(fetch.ARCHIVES)),
    help="Which.",
)
@click.option(
    "--dir", "place", type=click.Path(exists=True, path_type=Path),
    help="A copy that you have: its folder, or the archive itself.",
)  # fmt: skip
@out_option("Where to; by default in the cache.")
@json_option
def fetch_command(name: str, place: Path | None, out: Path | None, as_json: bool) -> None:
    """Fetch Google's Speech Commands and print its folder.

    It is under CC BY 4.0 and checked by its SHA-256. `mini` is 182 MB (eight words), `v0.02` all of it,
    2.3 GB. An interrupted download goes on.
    """
    with progress_bars(aside) as progress:
        if place is None:
            folder = fetch.fetch(name, out, progress)
        elif place.is_dir():
            folder = place
        else:
            folder = fetch.unpacked(
                place, out or place.with_name(f"{place.name.partition('.')[0]}_data"), progress
            )
    if as_json:
        print_json({"folder": str(folder)})
    else:
        print(folder)


@command.command(
    name="info", cls=Subcommand,
    examples=("earkit data info recordings", "earkit data info recordings --list --plot data.png"),
)  # fmt: skip
@click.argument("folder", metavar="DIR", type=FOLDER)
@plot_option("Where the picture goes.", "out/data.png")
@click.option("--list", "list_all", is_flag=True, help="Name every clip that is clipped, silent or short.")
@json_option
def info_command(folder: Path, plot: Path, list_all: bool, as_json: bool) -> None:
    """Show words, clips, speakers and splits of DIR.

    It also counts clips that are clipped, silent or short, and names files that cannot be used.
    """
    require_all("train", "scipy")
    require_all("plot", "matplotlib")
    with progress_bars(notes(as_json)) as progress:
        found = survey.survey(folder, progress)
    pictures.data_set(found.clips, plot)
    if as_json:
        print_json(asdict(found))
        return
    console.print(table(found))
    for line in found.skipped:
        console.print(f"cannot be used: {line}", markup=False)
    if found.skipped:
        console.print(f"{len(found.skipped)} files cannot be used")
    for fault, names in found.faults.items():
        console.print(
            f"{len(names)} {fault}{': ' + ', '.join(names) if list_all and names else ''}", markup=False
        )
    if found.shared:
        console.print(f"speakers in more than one split: {', '.join(found.shared)}", markup=False)
    console.print(f"{found.noise_seconds:.0f} s of background noise; picture: {plot}", markup=False)


def table(found: Survey) -> Table:
    result = Table(title=f"{found.total:,} clips", title_justify="left", box=None, pad_edge=False)
    result.add_column("word")
    for split in SPLITS:
        result.add_column(split, justify="right")
    for word in sorted(found.clips):
        result.add_row(word, *(f"{found.clips[word][split]:,}" for split in SPLITS))
    result.add_section()
    result.add_row("speakers", *(f"{found.speakers[split]:,}" for split in SPLITS))
    return result
