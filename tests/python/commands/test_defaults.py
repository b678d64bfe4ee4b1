"""earkit.toml and [tool.earkit]: defaults, checked, and no way for a stranger's folder to run anything."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from earkit.commands import _defaults, cli
from earkit.spotter.model import find_model

PROBE = "text.tflite"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the person works; the folder of their own settings lies beside it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def own(folder: Path) -> Path:
    """The person's own file."""
    assert _defaults.own_file() == folder.parent / "config/earkit/earkit.toml"
    _defaults.own_file().parent.mkdir(parents=True)
    return _defaults.own_file()


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def refused(*words: str) -> str:
    done = run(*words)
    assert done.exit_code == 2, done.output
    return " ".join(done.stderr.split())


def test_a_model_by_default(folder: Path) -> None:
    shutil.copy(find_model("yes_no"), folder / "mine.tflite")
    (folder / "earkit.toml").write_text('model = "mine.tflite"\n')
    found = json.loads(run("export", "--out", "o", "--json").stdout)
    assert found["name"] == "mine"
    assert json.loads(run("export", "micro_speech", "--out", "o", "--json").stdout)["name"] == "micro_speech"


def test_the_folders_file_comes_before_the_persons_own(folder: Path, own: Path) -> None:
    own.write_text('port = "/dev/own"\nmodel = "yes_no"\n')
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.earkit]\nport = "/dev/project"\n')
    found = _defaults.read()
    assert found.by_command["set"]["port"] == "/dev/project"
    assert found.by_command["check"]["model"] == "yes_no"
    (folder / "earkit.toml").write_text('port = "/dev/folder"\n')
    assert _defaults.read().by_command["record"]["port"] == "/dev/folder"
    assert "there is no port /dev/folder" in str(run("set").exception)
    assert "there is no port /dev/folder" in str(run("monitor").exception)
    assert "there is no port /dev/typed" in str(run("set", "--port", "/dev/typed").exception)


def test_a_port_by_default_changes_nothing_where_no_board_is_the_default(folder: Path) -> None:
    (folder / "earkit.toml").write_text('port = "/dev/folder"\n')
    by_command = _defaults.read().by_command
    assert "evaluate" not in by_command and "doctor" not in by_command and "lesson" not in by_command


def test_thresholds_and_rules(folder: Path, own: Path) -> None:
    (own.parent / "rules.toml").write_text('[[on]]\nword = "yes"\nrun = "true"\n')
    own.write_text('rules = "rules.toml"\n[thresholds]\nyes = 0.85\nno = 200\n')
    for command in ("listen", "monitor"):
        found = _defaults.read().by_command[command]
        assert found["thresholds"] == ["yes=217", "no=200"]
        assert found["rules_file"] == str(own.parent / "rules.toml")
    assert folder == Path.cwd()


@pytest.mark.parametrize("name", ["earkit.toml", "pyproject.toml"])
def test_a_strangers_folder_runs_nothing(folder: Path, name: str) -> None:
    """Rules are commands: only the person's own file may name them."""
    table = "[tool.earkit]\n" if name == "pyproject.toml" else ""
    (folder / "rules.toml").write_text(f'[[on]]\nword = "*"\nrun = "touch {folder / "ran"}"\n')
    (folder / name).write_text(f'{table}rules = "rules.toml"\n')
    said = refused("listen")
    assert f"{name}: rules run commands" in said and "--rules FILE" in said
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('speed = "fast"', "earkit.toml: there is no key speed; there are port, model, thresholds, rules"),
        ("port = 3", "earkit.toml: port must be a text, not 3"),
        ('model = ""', "earkit.toml: model must be a text, not ''"),
        ("model = [1]", "earkit.toml: model must be a text, not [1]"),
        ('thresholds = "high"', "earkit.toml: thresholds must be a table"),
        ("[thresholds]\nyes = 256", "earkit.toml: thresholds.yes: threshold must be 0 to 255, not 256"),
        ("[thresholds]\nyes = -1", "earkit.toml: thresholds.yes: threshold must be 0 to 255, not -1"),
        ("[thresholds]\nyes = 1.5", "earkit.toml: thresholds.yes: threshold must be 0 to 255, not 1.5"),
        ("[thresholds]\nyes = true", "earkit.toml: thresholds.yes: threshold must be 0 to 255, not true"),
        ('[thresholds]\nyes = "a"', 'earkit.toml: thresholds.yes: threshold must be 0 to 255, not "a"'),
        ("port = ", "earkit.toml cannot be read"),
        ("\x00", "earkit.toml cannot be read"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_key(folder: Path, text: str, said: str) -> None:
    (folder / "earkit.toml").write_text(text)
    assert said in refused("clean")


def test_a_table_that_is_none(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool]\nearkit = 3\n")
    assert "pyproject.toml: tool.earkit is no table" in refused("clean")
    (folder / "pyproject.toml").write_text("[tool.other]\nport = 3\n")
    assert _defaults.read().files == []


@pytest.mark.parametrize(
    "theirs",
    ["tool = 5", "[[tool]]", "[project]\nname = ", "x = " + "[" * 20_000, "x = " + "9" * 5000, "\x00"],
    ids=range(6),
)
def test_what_is_wrong_with_another_programs_file_stops_nothing(folder: Path, theirs: str) -> None:
    (folder / "pyproject.toml").write_text(theirs + "\n")
    assert _defaults.read().files == []


@pytest.mark.parametrize("name", ["~nosuchuser/x", "a" * 300])
def test_a_model_whose_name_no_file_can_have(folder: Path, name: str) -> None:
    (folder / "earkit.toml").write_text(f"model = '{name}'\n")
    assert "no model" in refused("check")


def test_a_default_that_fits_no_option_names_its_file(folder: Path) -> None:
    (folder / "earkit.toml").write_text('model = "gone.tflite"\nport = "spy:///dev/null?file=o"\n')
    assert "no model gone.tflite" in (said := refused("check")) and "(from earkit.toml)" in said
    assert "not opened by spy://" in (said := refused("set")) and "(from earkit.toml)" in said
    assert run("check", "--help").exit_code == 0
