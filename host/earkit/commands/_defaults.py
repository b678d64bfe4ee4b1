"""Defaults for the command line: a file of a person's own, and one of the folder that they work in."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import platformdirs

from earkit.errors import SettingError
from earkit.settings import RecognizerSettings

NAME, PROJECT = "earkit.toml", "pyproject.toml"
_MODEL_TAKERS = (
    "bench", "build", "check", "doctor", "evaluate", "export", "flash", "listen", "monitor", "new", "simulate"
)  # fmt: skip
TAKERS = {
    "port": dict.fromkeys(("flash", "monitor", "record", "set"), "port"),
    "model": dict.fromkeys(_MODEL_TAKERS, "model"),
    "thresholds": dict.fromkeys(("listen", "monitor"), "thresholds"),
    "rules": dict.fromkeys(("listen", "monitor"), "rules_file"),
}
"""For each key the commands that take it, and the parameter that it is the default of."""


@dataclass
class Defaults:
    by_command: dict[str, dict[str, Any]] = field(default_factory=dict)
    """As click's default_map."""
    files: list[Path] = field(default_factory=list)
    """Where they come from."""


def own_file() -> Path:
    """The file that only the person writes; it may name rules, which run commands."""
    return platformdirs.user_config_path("earkit") / NAME


def read() -> Defaults:
    """The person's own file and, over it, the current folder's earkit.toml or else the table [tool.earkit] of
    its pyproject.toml. Raises click.UsageError, naming file and key, for what is not right."""
    found, values = Defaults(), dict[str, Any]()
    for path in (own_file(), Path(NAME) if Path(NAME).is_file() else Path(PROJECT)):
        content = _load(path) if path.is_file() else {}
        if content:
            values |= _checked(content, path)
            found.files.append(path)
    for key, value in values.items():
        for command, parameter in TAKERS[key].items():
            found.by_command.setdefault(command, {})[parameter] = value
    return found


def _load(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        if path.name == PROJECT:
            return {}  # another program's file: what is wrong with it is not ours to say
        raise click.UsageError(f"{path} cannot be read: {error}") from error
    if path.name == PROJECT:
        tool = content.get("tool")
        content = tool.get("earkit", {}) if isinstance(tool, dict) else {}
    if not isinstance(content, dict):
        raise click.UsageError(f"{path}: tool.earkit is no table")
    return content


def _checked(content: dict[str, Any], path: Path) -> dict[str, Any]:
    """What click takes for each key."""
    for key in content:
        if key not in TAKERS:
            raise click.UsageError(f"{path}: there is no key {key}; there are {', '.join(TAKERS)}")
    if "rules" in content and path != own_file():
        raise click.UsageError(
            f"{path}: rules run commands, so they count in your own {own_file()} alone; "
            "or name the file: --rules FILE"
        )
    values: dict[str, Any] = {
        key: _text(content[key], key, path) for key in ("port", "model", "rules") if key in content
    }
    for key in ("model", "rules"):
        if key in values and (beside := _beside(path, values[key])):
            values[key] = str(beside)
    if "thresholds" in content:
        return {**values, "thresholds": _thresholds(content["thresholds"], path)}
    return values


def _beside(path: Path, name: str) -> Path | None:
    """The file or folder of this name beside the file of defaults, if there is one."""
    try:
        found = path.parent / Path(name).expanduser()
        return found if found.exists() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _text(value: object, key: str, path: Path) -> str:
    if not isinstance(value, str) or not value:
        raise click.UsageError(f"{path}: {key} must be a text, not {value!r}")
    return value


def _thresholds(value: object, path: Path) -> list[str]:
    """As `--threshold WORD=VALUE` has them."""
    if not isinstance(value, Mapping):
        raise click.UsageError(f"{path}: thresholds must be a table, such as: yes = 0.85")
    return [f"{word}={threshold(one, f'{path}: thresholds.{word}')}" for word, one in value.items()]


def threshold(value: object, where: str) -> int:
    """0 to 255 of a whole number, or of a share between 0.0 and 1.0. Raises click.UsageError that begins with
    `where`."""
    if isinstance(value, float) and 0 <= value <= 1:
        value = round(value * 255)
    try:
        return RecognizerSettings(threshold=value).threshold  # type: ignore[arg-type]
    except SettingError as error:
        raise click.UsageError(f"{where}: {error.message}, or 0.0 to 1.0") from error


def number_of(text: str) -> int | float | str:
    """The whole number or decimal fraction that was typed; the text where it is neither."""
    if text.isascii() and text.isdecimal():
        return int(text)
    try:
        return float(text) if "." in text else text
    except ValueError:
        return text
