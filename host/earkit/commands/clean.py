"""earkit clean"""

import click

from earkit import paths
from earkit.commands._grammar import json_option, subcommand
from earkit.commands._terminal import print_json
from earkit.files import remove, size_of


@subcommand("clean", "earkit clean", "earkit clean --all")
@click.option("--all", "everything", is_flag=True, help="Synthetic voices, features and models, too.")
@json_option
def command(everything: bool, as_json: bool) -> None:
    """Remove what Earkit keeps in its cache.

    These are build folders; with --all synthetic voices, features and models too.
    """
    cache = paths.cache()
    folders = sorted(cache.iterdir()) if everything else [paths.cache("platformio")]
    freed = sum(remove(folder) for folder in folders)
    kept = sum(size_of(folder) for folder in cache.iterdir())
    if as_json:
        print_json({"cache": str(cache), "removed_bytes": freed, "kept_bytes": kept})
        return
    click.echo(f"removed {megabytes(freed)} from {cache}" + (f"; {megabytes(kept)} kept" if kept else ""))


def megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
