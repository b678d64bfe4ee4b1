"""earkit data: get recordings, and see what is in them."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table

from earkit.audio import fetch, survey
from earkit.audio.dataset import SPLITS
from earkit.audio.survey import Survey
from earkit.commands._terminal import aside, console, progress_bars
from earkit.errors import DataError, require_all
from earkit.evaluation import pictures


@click.group(name="data")
def command() -> None:
    """Recordings to train with: fetch a public data set, or look at one."""


@command.command(name="fetch")
@click.option(
    "--set",
    "name",
    default="mini",
    show_default=True,
    type=click.Choice(sorted(fetch.ARCHIVES)),
    help="Which.",
)
@click.option(
    "--dir",
    "place",
    type=click.Path(path_type=Path),
    help="A copy that you have: its folder, or the archive itself.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Where to; by default in the cache.")
def fetch_command(name: str, place: Path | None, out: Path | None) -> None:
    """Fetch Google's Speech Commands (CC BY 4.0), checked by its SHA-256; print its folder.

    `mini` is 182 MB (eight words), `v0.02` all of it, 2.3 GB. An interrupted download goes on.
    """
    with progress_bars(aside) as progress:
        if place is None:
            folder = fetch.fetch(name, out, progress)
        elif place.is_file():
            folder = fetch.unpacked(
                place, out or place.with_name(f"{place.name.partition('.')[0]}_data"), progress
            )
        elif place.is_dir():
            folder = place
        else:
            raise DataError(f"there is no {place}", "give the folder or the archive of a copy")
    print(folder)


@command.command(name="info")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--picture",
    default="out/data.png",
    type=click.Path(path_type=Path),
    show_default=True,
    help="Where the picture goes.",
)
@click.option("--list", "list_all", is_flag=True, help="Name every clip that is clipped, silent or short.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def info_command(folder: Path, picture: Path, list_all: bool, as_json: bool) -> None:
    """Words, clips, speakers and splits of FOLDER, and clips that are clipped, silent or short."""
    require_all("train", "matplotlib", "scipy")
    with progress_bars(aside if as_json else console) as progress:
        found = survey.survey(folder, progress)
    pictures.data_set(found.clips, picture)
    if as_json:
        print(json.dumps(asdict(found)))
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
    console.print(f"{found.noise_seconds:.0f} s of background noise; picture: {picture}", markup=False)


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
