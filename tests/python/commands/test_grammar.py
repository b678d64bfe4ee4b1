"""One grammar: every subcommand names things alike, helps alike and ends alike."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result

from earkit.audio import clips
from earkit.commands import cli
from earkit.spotter.model import find_model

ROOT = Path(__file__).parents[3]


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every subcommand with its full name, those of groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands())
LEAVES = {name: command for name, command in ALL.items() if not isinstance(command, click.Group)}


def options(command: click.Command) -> dict[str, click.Option]:
    return {
        name: option for option in command.params if isinstance(option, click.Option) for name in option.opts
    }


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that has what the examples name."""
    monkeypatch.chdir(tmp_path)
    for name in ("my.tflite", "seven.tflite"):
        shutil.copy(find_model("micro_speech"), name)
    for name in ("yes.wav", "no.wav"):
        clips.write(Path(name), np.zeros(16000, np.int16))
    for name in ("recordings", "speech_commands"):
        Path(name).mkdir()
    Path("heard.sqlite").touch()
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, terminal_width=80)


@pytest.mark.parametrize("group", ["", *(name for name in ALL if name not in LEAVES)])
def test_every_one_liner_fits_the_terminal(group: str) -> None:
    lines = run(*group.split(), "--help").output.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    assert len(lines) > 1
    for line in lines:
        assert len(line) <= 80 and not line.endswith("..."), line
        assert re.fullmatch(r"  \S+ +\S.*\.", line), line


@pytest.mark.parametrize("name", ALL)
@pytest.mark.usefixtures("place")
def test_every_help_ends_with_two_examples_that_parse(name: str) -> None:
    help_text = run(*name.split(), "--help").output
    *_, told = help_text.split("\nExamples:\n")
    examples = [line.strip() for line in told.strip().splitlines()]
    assert len(examples) == 2 and all(f"{one} ".startswith(f"earkit {name} ") for one in examples)
    assert all(len(line) <= 80 for line in help_text.splitlines())
    for example in examples:
        parse(shlex.split(example)[1:])


def parse(words: list[str]) -> None:
    """Everything but doing it: names, types, ranges, and files that must be there."""
    command: click.Command = cli
    context = click.Context(cli, info_name="earkit")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found, f"there is no {words[0]}"
        command, words = found, words[1:]
    if not isinstance(command, click.Group):
        command.make_context(command.name, list(words), parent=context)


@pytest.mark.parametrize("name", LEAVES)
def test_the_same_thing_has_the_same_name(name: str) -> None:
    known = options(LEAVES[name])
    assert not known.keys() & {"--model", "--on", "--engine", "--picture", "--wav"}
    arguments = [param.name for param in LEAVES[name].params if isinstance(param, click.Argument)]
    assert "architecture" not in arguments
    if name != "doctor":  # where it is a flag: look for a board
        assert "--board" not in known
    if "--port" in known:
        assert known["--port"].metavar == "PORT|sim|socket://HOST:PORT"
    for path in ("--plot", "--csv", "--keep"):
        assert path not in known or not known[path].is_flag
    if "--save" in known:
        assert known["--save"].is_flag
    assert "--json" in known and known["--json"].is_flag


@pytest.mark.parametrize("name", ALL)
def test_a_wrong_option_is_status_2(name: str) -> None:
    done = run(*name.split(), "--no-such-option")
    assert done.exit_code == 2 and "No such option" in done.stderr


def files_to_read() -> list[tuple[str, str]]:
    """Each parameter that takes a file or folder which must be there."""
    found = []
    for name, command in LEAVES.items():
        for param in command.params:
            if isinstance(param.type, click.Path) and param.type.exists:
                found.append((name, param.opts[0] if isinstance(param, click.Option) else str(param.name)))
            elif param.type.name in ("model", "model or sound"):
                found.append((name, str(param.name)))
    return found


NEEDED = {"train": ["x"], "record": ["--word", "yes"], "new": ["new"]}


@pytest.mark.parametrize(("name", "parameter"), files_to_read())
def test_a_missing_file_is_status_2(name: str, parameter: str, place: Path) -> None:
    """Wherever one is given; nothing is written."""
    given = [parameter, "not-there"] if parameter.startswith("--") else ["not-there"]
    if name in ("evaluate", "check", "export") and parameter.startswith("--"):
        given = ["my.tflite", *given]
    if name == "lesson pretrained":
        given = ["not-there"] if parameter == "recording" else ["yes.wav", "not-there"]
    before = sorted(place.rglob("*"))
    done = run(*name.split(), *NEEDED.get(name, []), *given)
    assert done.exit_code == 2, done.output
    assert "not-there" in done.stderr
    assert sorted(place.rglob("*")) == before


def test_there_are_such_parameters() -> None:
    names = {name for name, _ in files_to_read()}
    assert names >= {"bench", "build", "check", "demo", "doctor", "evaluate", "export", "flash", "listen"}
    assert names >= {"log", "new", "simulate", "train", "data info", "lesson filters"}


@pytest.mark.usefixtures("place")
def test_a_shipped_name_is_a_model_everywhere() -> None:
    for name, command in LEAVES.items():
        kinds = {param.type.name for param in command.params}
        if kinds & {"model", "model or sound"}:
            before = ["yes.wav"] if name == "lesson pretrained" else NEEDED.get(name, [])
            parse([*name.split(), *before, "micro_speech"])


def test_completion_offers_models_and_ports() -> None:
    for words, offered in (("earkit simulate mi", "micro_speech"), ("earkit set --port s", "sim")):
        *given, incomplete = words.split()
        environment = {
            "_EARKIT_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(given)),
        }
        done = CliRunner().invoke(cli, prog_name="earkit", env=environment)
        assert f"plain,{offered}" in done.output.splitlines(), (incomplete, done.output)


PLACEHOLDERS = {
    "DIR": "recordings", "FILE": "yes.wav", "CLIP": "yes.wav", "NAME": "mine", "MODEL": "my.tflite",
    "SHARE": "0.5", "S": "1", "CHANGE": "noise", "PORT": "sim", "COPY": "recordings",
}  # fmt: skip
PAGES = [
    str(file.relative_to(ROOT))
    for pattern in ("README.md", "docs/*.md", "docs/lab-book/*.md", "models/*/card.md")
    for file in sorted(ROOT.glob(pattern))
]


def told(text: str) -> Iterator[str]:
    """The command lines in indented blocks and between backticks; without remarks."""
    for line in re.findall(r"^    (?:.*/)?earkit (.+)$", text, re.MULTILINE):
        yield re.sub(r"\s+#.*", "", line)
    for line in re.findall(r"`(?:\.venv/bin/)?earkit ([^`]+)`", re.sub(r"\s*\n\s*", " ", text)):
        yield line


def words_of_no_command(line: str) -> bool:
    """`earkit NAME`, and the mistake that docs/lab-book/bad-input.md makes."""
    first = line.split()[0]
    return first.isupper() or first == "hear"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("place")
def test_what_the_pages_tell_to_type_parses(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options, choices and numbers; files are not looked for."""
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, *_: Path(value))
    monkeypatch.setattr("earkit.commands._grammar.ModelType.convert", lambda _self, value, *_: Path(value))
    monkeypatch.setattr("earkit.commands._grammar._GivenType.convert", lambda _self, value, *_: Path(value))
    monkeypatch.setattr(Path, "is_file", lambda _self: True)
    for line in told((ROOT / page).read_text()):
        if any(mark in line for mark in ("…", "[", "|", "$(")) or words_of_no_command(line):
            continue
        words = [PLACEHOLDERS.get(word, word) for word in shlex.split(line)]
        try:
            parse(words)
        except click.NoSuchOption as error:
            pytest.fail(f"{page}: earkit {line}: {error}")
        except (click.MissingParameter, click.BadOptionUsage) as error:
            assert len(words) <= 2, f"{page}: earkit {line}: {error}"  # `earkit export`, `earkit bench --csv`
        except click.UsageError as error:
            pytest.fail(f"{page}: earkit {line}: {error}")
