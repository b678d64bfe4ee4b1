"""Words and names that are typed, and become names of files and folders."""

import re

import click

from earkit.audio.dataset import labels_of
from earkit.errors import SettingError
from earkit.settings import ModelSettings

MOST_WORDS = 14
"""Labels of the firmware, less silence and unknown (EAR_MAX_LABELS)."""


def words_of(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    """The words between the commas. None may lead out of its folder."""
    words = tuple(word.strip() for word in value.split(","))
    for word in words:
        if not re.fullmatch(r"[^\W_][\w' -]*", word):
            raise click.BadParameter(
                f"'{word}' is not a word; give words with commas between, such as yes,no"
            )
    if len(words) > MOST_WORDS:
        raise click.BadParameter(f"{len(words)} words are too many; the firmware hears {MOST_WORDS}")
    try:
        ModelSettings(labels_of(words))
    except SettingError as error:
        raise click.BadParameter(error.message) from error
    return words


def plain_name(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"\w[\w.-]*", value):
        raise click.BadParameter(f"'{value}' is not a plain name; --out says which folder")
    return value
