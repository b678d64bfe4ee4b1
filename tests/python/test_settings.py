"""The one description of settings: what is in range is kept, everything else is refused in one line."""

import json
from typing import Any

import pytest
from earkit.core._core import lib

from earkit.compiler.info import info_source
from earkit.compiler.read import read_model
from earkit.core import spotter
from earkit.errors import EarkitError, ModelError, SettingError
from earkit.paths import kit
from earkit.settings import (
    OLD_METADATA_NAME,
    TFLM_SETTINGS,
    FrontendSettings,
    ModelSettings,
    RecognizerSettings,
)

GOOD = json.loads(TFLM_SETTINGS.to_json())
INJECTION = '1}};\n#include "/etc/hostname"\n//'


def changed(path: str, value: Any) -> str:
    """Metadata with one value changed; `path` is such as recognizer.threshold."""
    raw = json.loads(json.dumps(GOOD))
    *parents, name = path.split(".")
    at = raw
    for parent in parents:
        at = at[parent]
    at[int(name) if isinstance(at, list) else name] = value
    return json.dumps(raw)


def test_what_was_written_is_read() -> None:
    settings = ModelSettings(
        ("no", "häuser 家", "silence"),
        FrontendSettings(frames=98),
        RecognizerSettings(400, 17, 65535, 5),
    )
    assert ModelSettings.from_json(settings.to_json()) == settings
    assert settings.words == ("no", "häuser 家") and settings.word_mask == 0b011 and settings.silence == 2


@pytest.mark.parametrize("name", ["earkit", OLD_METADATA_NAME])
def test_metadata_of_either_name_is_read(name: str) -> None:
    assert ModelSettings.from_metadata({name: TFLM_SETTINGS.to_json().encode()}) == TFLM_SETTINGS


@pytest.mark.parametrize(
    ("path", "values"),
    {
        "recognizer.average_ms": [0, -1, 2501, INJECTION, None, True, 1000.5, [], {}, 10**400],
        "recognizer.threshold": [-1, 256, 999, INJECTION, 200.0],
        "recognizer.suppression_ms": [-5, 65536, INJECTION],
        "recognizer.minimum_count": [0, 65, 255, INJECTION],
        "recognizer.unheard_of": [1],
        "frontend.sample_rate": [0, 1e9, INJECTION],
        "frontend.hop_ms": [0, -20, 20.5, INJECTION],
        "frontend.channels": [0, -40, INJECTION],
        "frontend.frames": [0, 70000, INJECTION],
        "frontend.lower_hz": [-1, 1e9, INJECTION, float("nan"), float("inf")],
        "labels": [["a", ""], ["a\n"], ["\ud800"], ["a", "a"], ["x" * 65], [1, 2], "abcd", {"a": 1}],
        "labels.0": [7, None, ["a"], "\x1b[2J"],
        "version": [0, 2, True, "1", None, [], 10**400],
        "recognizer": [None, [], INJECTION],
    }.items(),
)  # fmt: skip
def test_anything_else_is_refused_in_one_line(path: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(ModelError) as caught:
            ModelSettings.from_json(changed(path, value))
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 200
        str(caught.value).encode()


@pytest.mark.parametrize("text", [b"", b"\xff", b"[]", b"7", b"[" * 200_000, b'{"version": 1}', b"{" * 9])
def test_damaged_metadata_is_refused(text: bytes) -> None:
    with pytest.raises(ModelError):
        ModelSettings.from_json(text)


def test_a_rule_that_hears_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match="minimum_count 4 is more than the 3 results within 200 ms"):
        ModelSettings(("yes", "no"), recognizer=RecognizerSettings(average_ms=200, minimum_count=4))


@pytest.mark.parametrize(
    ("name", "value"),
    {
        "sample_rate": 8000,
        "window_ms": 25,
        "hop_ms": 10,
        "channels": 49,
        "lower_hz": 100.0,
        "upper_hz": 8000.0,
    }.items(),
)
def test_a_front_end_that_the_c_has_not_is_refused_with_both_values(name: str, value: float) -> None:
    frontend = FrontendSettings(**{name: value})
    with pytest.raises(
        ModelError, match=f"{name} {value:g}, the firmware has {getattr(spotter.ABLE, name):g}"
    ):
        spotter.require_able(ModelSettings(("silence", "yes"), frontend))


@pytest.mark.parametrize("labels", [("yes",), tuple(map(str, range(17))), ("silence", "unknown")])
def test_labels_that_the_c_cannot_take_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(EarkitError):
        spotter.Spotter(ModelSettings(labels))


def test_the_ranges_are_the_firmwares() -> None:
    fields = RecognizerSettings.__dataclass_fields__
    assert fields["average_ms"].metadata["most"] == lib.EAR_MAX_AVERAGE_MS
    assert fields["minimum_count"].metadata["most"] == lib.EAR_MAX_RESULTS
    assert FrontendSettings() == spotter.ABLE


def test_only_numbers_and_strings_reach_c() -> None:
    """Every line of model_info.c is one that an honest model could have."""
    graph = read_model(kit() / "models/micro_speech/micro_speech.tflite")
    labels = ("silence", '"; system("x");//', "*/ evil", "??/")
    source = info_source(graph, ModelSettings(labels))
    honest = info_source(graph, ModelSettings(("silence", "a", "b", "c")))
    assert len(source.splitlines()) == len(honest.splitlines())
    assert r'"\"; system(\"x\");//", "*/ evil", "\?\?/"' in source
