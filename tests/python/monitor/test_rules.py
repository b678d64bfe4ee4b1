"""Rules from the command line and from TOML."""

from pathlib import Path

import pytest
from monitor_peers import heard

from earkit.errors import EarkitError
from earkit.monitor import rules
from earkit.monitor.rules import Rule, parse


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("yes=notify-send hello", Rule("yes", "run", "notify-send hello")),
        ("go=open:https://example.org/?a=b", Rule("go", "open", "https://example.org/?a=b")),
        ("yes:200/5s=key:ctrl+alt+t", Rule("yes", "key", "ctrl+alt+t", minimum_score=200, cool_down=5.0)),
        ("yes/0.5=post:http://127.0.0.1:8/", Rule("yes", "post", "http://127.0.0.1:8/", cool_down=0.5)),
        ("*=mqtt:home/word", Rule("*", "mqtt", "home/word")),
        ("yes=record:3s:aplay $EARKIT_WAV", Rule("yes", "run", "aplay $EARKIT_WAV", record=3.0)),
        ("turn left=echo a=b:c", Rule("turn left", "run", "echo a=b:c")),
    ],
)
def test_command_line(text: str, rule: Rule) -> None:
    assert parse(text) == rule


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yes", "is not WORD=ACTION"),
        ("=x", "is not WORD=ACTION"),
        ("yes=", "is not WORD=ACTION"),
        ("yes:loud=x", "is not WORD=ACTION"),
        ("yes:300=x", "minimum_score: 300 is greater than the maximum of 255"),
        ("yes=open:file:///etc/passwd", "open: 'file:///etc/passwd' does not match"),
        ("yes=post:javascript:1", "does not match"),
        ("yes=record:99:x", "record: 99.0 is greater than the maximum of 30"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(EarkitError, match=said):
        parse(text)


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(
        '[[on]]\nword = "yes"\nrun = "lamp on"\nminimum_score = 210\ncool_down = 2\nboard = "kitchen"\n'
        '[[on]]\nword = "no"\nrecord = 2.5\nrun = "transcribe"\ndry_run = true\n'
    )
    assert rules.read(file) == [
        Rule("yes", "run", "lamp on", board="kitchen", minimum_score=210, cool_down=2),
        Rule("no", "run", "transcribe", record=2.5, dry_run=True),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[[on]]\nword =", "is not TOML"),
        ("", "'on' is a required property"),
        ('[[on]]\nword = "yes"\n', r"at on\[0\]: it needs exactly one of run, open, key, post, mqtt"),
        ('[[on]]\nword = "yes"\nrun = "a"\nopen = "http://b"\n', "exactly one of"),
        ('[[on]]\nword = "yes"\nrun = "a"\nloud = 1\n', "'loud' was unexpected"),
        ('[[on]]\nword = "yes"\nopen = "http://a"\nrecord = 1\n', "'run' is a dependency of 'record'"),
        ('[[on]]\nword = "yes"\nrun = 7\n', r"at on\[0\].run: 7 is not of type 'string'"),
    ],
)
def test_a_broken_file_is_one_line(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(content)
    with pytest.raises(EarkitError, match=said) as caught:
        rules.read(file)
    assert "\n" not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(EarkitError, match="cannot read"):
        rules.read(tmp_path / "none.toml")


def test_fitting() -> None:
    rule = Rule("yes", "run", "x", board="b", minimum_score=204)
    assert rule.fits(heard(score=204))
    assert not rule.fits(heard(score=203))
    assert not rule.fits(heard("no"))
    assert Rule("*", "run", "x").fits(heard("no"))
    assert not Rule("*", "run", "x", board="kitchen").fits(heard())
