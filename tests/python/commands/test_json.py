"""--json: one object that parses, in which label, score, ms and board mean what docs/commands.md says."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from earkit.audio import clips
from earkit.commands import cli
from earkit.monitor.log import Log
from earkit.monitor.reports import Detection, Identity

ROOT = Path(__file__).parents[3]
DETECTION = {"label", "score", "ms", "board"}

needs_arm = pytest.mark.skipif(not shutil.which("arm-none-eabi-gcc"), reason="no Arm compiler")


def run(*words: object) -> list[Any]:
    """The objects that a command prints; nothing else is on its standard output."""
    done = CliRunner().invoke(cli, [*map(str, words), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def detections(value: Any) -> Iterator[dict[str, Any]]:
    """Every object that says what was heard, which must be a whole detection."""
    if isinstance(value, dict):
        if value.keys() & {"label", "score"}:
            assert value.keys() >= DETECTION, value
            assert isinstance(value["label"], str) and isinstance(value["board"], str)
            assert type(value["score"]) is type(value["ms"]) is int and 0 <= value["score"] <= 255
            yield value
        for one in value.values():
            yield from detections(one)
    elif isinstance(value, list):
        for one in value:
            yield from detections(one)


@pytest.fixture
def yes(tflm_micro_speech: Path) -> Path:
    return tflm_micro_speech / "testdata/yes_1000ms.wav"


@needs_arm
def test_simulate_listen_and_log_say_the_same(yes: Path, tmp_path: Path) -> None:
    """One word, once, with one score at one time, whoever prints it."""
    (simulated,) = run("simulate", yes)
    heard = run("listen", yes, "--log", tmp_path / "log.sqlite")
    logged = run("log", tmp_path / "log.sqlite")
    (first,), (second,), (third,) = (list(detections(one)) for one in (simulated, heard, logged))
    assert (first["board"], second["board"], third["board"]) == ("sim", "ear", "ear")
    assert first["label"] == second["label"] == third["label"] == "yes"
    assert {**third, "board": "sim"}.items() >= first.items()
    assert {**second, "board": "sim"}.items() >= first.items()
    assert {
        "event",
        "board",
        "seq",
        "time",
        "latency_ms",
        "board_id",
        "sha256",
    } <= third.keys() & second.keys()


def test_log_keeps_names_and_numbers(tmp_path: Path) -> None:
    who = Identity("4711", "nrf52840", "m", "ab" * 32, "compiled", "0.1.0", ("silence", "unknown", "yes"))
    log = Log(tmp_path / "log.sqlite")
    found = Detection("kitchen", "yes", 204, 2336, datetime(2026, 11, 25, tzinfo=UTC), who, 7, 5.0)
    log.sink(lambda _: None)(found)
    log.close()
    (said,) = run("log", tmp_path / "log.sqlite")
    assert list(detections(said)) == [said]
    assert (said["event"], said["board"], said["board_id"], said["seq"]) == ("heard", "kitchen", "4711", 7)
    assert run("log", tmp_path / "log.sqlite", "--word", "no") == []


@needs_arm
def test_a_board_asked_by_set_and_doctor() -> None:
    (shown,) = run("set", "--port", "sim")
    assert shown["board"] == "sim" and shown["kept"] is False
    assert set(shown["settings"]) >= {"average", "suppression", "threshold.yes", "threshold.no"}
    (looked,) = run("doctor", "micro_speech", "--port", "sim")
    checks = {check["name"]: check["found"] for check in looked["checks"]}
    assert checks["model"] == "micro_speech" and checks["firmware"]
    (other,) = run("doctor", "yes_no", "--port", "sim")
    assert {check["name"]: check["found"] for check in other["checks"]}["model"] == "yes_no"


@needs_arm
def test_build_export_and_new(tmp_path: Path) -> None:
    (built,) = run("build")
    assert Path(built["image"]).is_file() and built["bytes"]["all, flash"] > 10_000
    (exported,) = run("export", "micro_speech", "--out", tmp_path / "c")
    assert exported == json.loads((tmp_path / "c/report.json").read_text())
    (made,) = run("new", tmp_path / "project", tmp_path / "c")
    assert made["is_new"] and Path(made["folder"], "platformio.ini").is_file()


def test_check() -> None:
    pytest.importorskip("tflite_micro")
    (found,) = run("check", "regression", "--inputs", 2)
    assert found["inputs"] == 2 and found["mismatches"]["host"] == 0


def test_clean_and_data(tmp_path: Path, yes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy")
    pytest.importorskip("matplotlib")
    (tmp_path / "data/yes").mkdir(parents=True)
    clips.write(tmp_path / "data/yes/0_nohash_0.wav", clips.read(yes).samples)
    assert run("data", "fetch", "--dir", tmp_path / "data") == [{"folder": str(tmp_path / "data")}]
    (found,) = run("data", "info", tmp_path / "data", "--plot", tmp_path / "a.png")
    assert sum(found["clips"]["yes"].values()) == 1
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache/earkit/platformio").mkdir(parents=True)
    (tmp_path / "cache/earkit/platformio/file").write_bytes(bytes(1000))
    (cleaned,) = run("clean")
    assert (cleaned["removed_bytes"], cleaned["kept_bytes"]) == (1000, 0)


@needs_arm
def test_demo_of_a_shipped_model(tmp_path: Path) -> None:
    """Whose false detections, if any, are whole detections too."""
    pytest.importorskip("espeakng_loader")
    pytest.importorskip("matplotlib")
    (found,) = run("demo", "yes_no", "--out", tmp_path)
    heard = list(detections(found["heard"]))
    assert len(heard) == len(found["heard"]) >= sum(found["right"].values()) > 20
    assert {one["board"] for one in heard} == {"sim"} and {one["label"] for one in heard} == {"yes", "no"}
    assert found["right"].keys() == found["played"].keys() == {"yes", "no"}


def test_the_page_describes_every_command() -> None:
    text = (ROOT / "docs/commands.md").read_text()
    json_part = text[text.index("## JSON") : text.index("## Defaults")]
    for name in cli.list_commands(click.Context(cli)):
        assert re.search(rf"`{name}[` ]", json_part), name
