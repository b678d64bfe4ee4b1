"""Firmware, sketch, host and monitor hear the same words at the same times: one piece of C decides it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from listeners import NATIVE, ROOT, Given, Words, host_batch

from earkit.audio import clips
from earkit.compiler.export import export_model
from earkit.evaluation.listening import arrange
from earkit.spotter.model import settings_of
from earkit.spotter.simulated import play
from earkit.toolchain import platformio

FIRMWARE = ROOT / "firmware"
MODELS = {
    **{
        name: (ROOT / f"models/{name}/{name}.tflite", None)
        for name in ("micro_speech", "micro_speech_taught", "yes_no", "eight_words")
    },
    "other order": (ROOT / "models/yes_no/yes_no.tflite", ("yes", "no", "up", "down")),
}
ORDER = ("yes", "no", "right", "bed")
CLIPS = 60
"""Of each word."""


@pytest.fixture(scope="session")
def real_clips(speech_commands: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 s of real clips, a word in the first second, over a quiet room, as raw samples."""
    found = [sorted((speech_commands / word).glob("*.[fw]*"))[:CLIPS] for word in ORDER]
    spoken = [
        (path.parent.name, path.name, clips.read(path).samples)
        for turn in zip(*found, strict=True)
        for path in turn
    ]
    room = np.random.default_rng(1).integers(-9, 9, 160_000).astype(np.int16)
    sound = arrange(spoken, room, lead=0.0, pause=0.7).samples
    assert len(sound) >= 400 * 16000
    path = tmp_path_factory.mktemp("clips") / "clips.raw"
    path.write_bytes(sound.astype("<i2").tobytes())
    return path


@pytest.fixture
def given(tmp_path: Path, real_clips: Path, request: pytest.FixtureRequest) -> Given:
    model, labels = MODELS[request.param]
    exported = tmp_path / "model"
    export_model(model, exported, labels)
    return Given(FIRMWARE, model, labels or settings_of(model).labels, exported, real_clips, tmp_path)


@pytest.mark.parametrize("given", MODELS, indirect=True)
def test_everyone_hears_the_same(given: Given) -> None:
    heard = {name: listen(given) for name, listen in NATIVE.items()}
    expected = heard["firmware"]
    assert len(expected) > 50
    for name, words in heard.items():
        assert words == expected, name


@pytest.mark.parametrize("given", ["micro_speech", "other order"], indirect=True)
def test_the_simulated_board_hears_it_too(given: Given) -> None:
    pytest.importorskip("unicorn")
    image = platformio.build("sim", given.exported)
    samples = np.fromfile(given.sound, "<i2").astype(np.int16)
    heard = [(one.label, one.score, one.ms) for one in play(image, samples).heard]
    assert heard == host_batch(given)


BROKEN = {
    "the hop": ("#define BLOCK_MS (", "#define BLOCK_MS (1 + "),
    "the quiet time": ("ear->missing = model->frames;", "ear->missing = model->frames + 200;"),
    "which labels are words": ("ear->model->words >> best.label & 1", "true"),
}


@pytest.fixture(scope="session")
def a_minute(real_clips: Path) -> Path:
    path = real_clips.with_name("minute.raw")
    path.write_bytes(real_clips.read_bytes()[: 60 * 32000])
    return path


@pytest.fixture(scope="session")
def unbroken(a_minute: Path, tmp_path_factory: pytest.TempPathFactory) -> Words:
    folder = tmp_path_factory.mktemp("unbroken")
    return host_batch(_minute(FIRMWARE, a_minute, folder))


def _minute(firmware: Path, sound: Path, folder: Path) -> Given:
    model = MODELS["yes_no"][0]
    return Given(firmware, model, settings_of(model).labels, model.parent / "c", sound, folder)


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_in_the_one_place_is_broken_for_everyone(
    what: str, a_minute: Path, unbroken: Words, tmp_path: Path
) -> None:
    shutil.copytree(FIRMWARE, tmp_path / "firmware")
    spotter = tmp_path / "firmware/core/spotter/spotter.c"
    right, wrong = BROKEN[what]
    assert spotter.read_text().count(right) == 1
    spotter.write_text(spotter.read_text().replace(right, wrong))
    given = _minute(tmp_path / "firmware", a_minute, tmp_path)
    for name, listen in NATIVE.items():
        assert listen(given) != unbroken, name
