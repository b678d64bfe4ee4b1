"""What to do on which word: from `--do WORD:MINIMUM=ACTION`, or a TOML file as rules.schema.json has it."""

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema

from earkit.errors import EarkitError
from earkit.monitor.reports import Detection

KINDS = ("run", "open", "key", "post", "mqtt")
ANY = "*"
_WHEN = re.compile(r"(?P<word>[^:/]+)(:(?P<minimum>\d+))?(/(?P<pause>\d+(\.\d+)?)s?)?")
_RECORD = re.compile(r"record:(?P<seconds>\d+(\.\d+)?)s?:(?P<command>.+)", re.DOTALL)
_SCHEMA = "rules.schema.json"


@dataclass(frozen=True)
class Rule:
    word: str
    kind: str
    """Of KINDS."""
    target: str
    """The command, address, keys or topic."""
    record: float = 0.0
    """Seconds of sound after the word to put into a WAV first; with `run` only."""
    board: str = ""
    """Only on the board of this name; empty for any."""
    minimum_score: int = 0
    cool_down: float = 0.0
    """Seconds after the action in which it is not done again."""
    dry_run: bool = False

    def fits(self, found: Detection) -> bool:
        return (
            self.word in (ANY, found.label)
            and self.board in ("", found.board)
            and found.score >= self.minimum_score
        )

    def __str__(self) -> str:
        record = f"record {self.record:g} s, " if self.record else ""
        return f"{self.word}: {record}{self.kind} {self.target}"


def parse(text: str) -> Rule:
    """`WORD[:MINIMUM][/PAUSE]=ACTION`, such as `yes:200/5s=notify-send hello` or `go=open:https://…`.

    ACTION is `open:URL`, `key:KEYS`, `post:URL`, `mqtt:TOPIC`, `record:SECONDS:COMMAND` or a shell command.
    Raises EarkitError when it is none of these.
    """
    when, found, action = text.partition("=")
    match = _WHEN.fullmatch(when)
    if not found or not match or not action.strip():
        raise EarkitError(f"--do {text} is not WORD=ACTION", "such as --do yes='notify-send hello'")
    entry: dict[str, Any] = {"word": match["word"], **_action(action)}
    if match["minimum"]:
        entry["minimum_score"] = int(match["minimum"])
    if match["pause"]:
        entry["cool_down"] = float(match["pause"])
    return _checked({"on": [entry]}, f"--do {text}")[0]


def _action(text: str) -> dict[str, Any]:
    kind, found, target = text.partition(":")
    if found and kind in KINDS:
        return {kind: target}
    record = _RECORD.fullmatch(text)
    if record:
        return {"record": float(record["seconds"]), "run": record["command"]}
    return {"run": text}


def read(path: Path) -> list[Rule]:
    """The rules of a TOML file. Raises EarkitError, naming the place, when it is not as the schema says."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EarkitError(f"cannot read {path}: {error.strerror}", "check the name") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EarkitError(f"{path} is not TOML: {error}", "docs/monitor.md shows one") from error
    return _checked(content, str(path))


def _checked(content: dict[str, Any], where: str) -> list[Rule]:
    schema = json.loads(resources.files("earkit.monitor").joinpath(_SCHEMA).read_text())
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(content))
    if error is not None:
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
        place = "".join(parts).removeprefix(".")
        raise EarkitError(f"{where}{place and f' at {place}'}: {_why(error)}", "see docs/monitor.md")
    return [_rule(entry) for entry in content["on"]]


def _why(error: jsonschema.ValidationError) -> str:
    if error.validator == "oneOf":
        return f"it needs exactly one of {', '.join(KINDS)}"
    return str(error.message)


def _rule(entry: dict[str, Any]) -> Rule:
    kind = next(name for name in KINDS if name in entry)
    return Rule(kind=kind, target=entry.pop(kind), **entry)


def streams(rules: Iterable[Rule]) -> set[str]:
    """What the rules need of a board beside its detections."""
    return {"audio"} if any(rule.record for rule in rules) else set()
