"""Words and names that are typed, and become names of files and folders."""

import re

import click


def words_of(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    """The words between the commas. None may lead out of its folder."""
    words = tuple(word.strip() for word in value.split(","))
    for word in words:
        if not re.fullmatch(r"[^\W_][\w' -]*", word):
            raise click.BadParameter(
                f"'{word}' is not a word; give words with commas between, such as yes,no"
            )
    return words


def plain_name(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"\w[\w.-]*", value):
        raise click.BadParameter(f"'{value}' is not a plain name; --out says which folder")
    return value
