"""The pretrained model: real loading code, on a tiny wav2vec2 with random weights."""

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

REASON = "earkit[wav2vec2] is not installed"
torch = pytest.importorskip("torch", reason=REASON)
transformers = pytest.importorskip("transformers", reason=REASON)
pytest.importorskip("librosa", reason=REASON)

SCRIPTS = Path(__file__).parents[3] / "scripts"
LABELS = ("yes", "no", "up", "_unknown_")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `save_pretrained` writes it: wav2vec2's shape, a thousandth of its size."""
    torch.manual_seed(0)
    config = transformers.Wav2Vec2Config(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        conv_dim=(8, 8), conv_stride=(40, 8), conv_kernel=(80, 16), num_feat_extract_layers=2,
        num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2, classifier_proj_size=8,
        id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)},
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tiny")
    transformers.Wav2Vec2ForSequenceClassification(config).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor(sampling_rate=16000).save_pretrained(folder)
    return folder


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    """Recordings of other rates, two of them in a folder below, one of those as short as a click."""
    rng = np.random.default_rng(1)
    (tmp_path / "below").mkdir()
    soundfile.write(tmp_path / "a.wav", rng.normal(0, 0.1, 22050), 22050)
    soundfile.write(tmp_path / "below" / "b.flac", rng.normal(0, 0.1, (8000, 2)), 8000)
    soundfile.write(tmp_path / "below" / "short.wav", rng.normal(0, 0.1, 60), 16000)
    return tmp_path


def by_hand(model: Path, clip: Path) -> tuple[str, float]:
    """What the model's own code says."""
    import librosa

    samples, _ = librosa.load(clip, sr=16000)
    samples = np.pad(samples, (0, max(0, 16000 - len(samples))))
    extractor = transformers.Wav2Vec2FeatureExtractor.from_pretrained(model)
    network = transformers.Wav2Vec2ForSequenceClassification.from_pretrained(model).eval()
    inputs = extractor(samples, sampling_rate=16000, return_tensors="pt")
    with torch.no_grad():
        scores = network(**inputs).logits.softmax(-1)[0]
    return LABELS[int(scores.argmax())], float(scores.max())


def test_a_folder_of_recordings(lesson: Any, tiny: Path, clips: Path) -> None:
    done = lesson("pretrained", clips, "--hub", tiny, "--plot", clips / "out.png", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["clips"]
    assert [Path(one["path"]).name for one in found] == ["a.wav", "b.flac", "short.wav"]
    for one in found:
        label, confidence = by_hand(tiny, Path(one["path"]))
        assert one["label"] == label
        assert one["confidence"] == pytest.approx(confidence, abs=1e-5)
        assert one["our_label"] in ("silence", "unknown", "yes", "no")
        assert 0 < one["our_confidence"] <= 1
    assert (clips / "out.png").stat().st_size < 80_000


def test_a_recording_as_a_table(lesson: Any, tiny: Path, clips: Path) -> None:
    done = lesson("pretrained", clips / "a.wav", "--hub", tiny)
    assert done.exit_code == 0, done.output
    assert "wav2vec2" in done.output and "a.wav" in done.output.replace("\n", "")


def test_no_network_and_no_cache(lesson: Any, clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(clips / "cache"))
    done = lesson("pretrained", clips / "a.wav", "--hub", "nobody/has-this-model")
    assert done.exit_code == 1
    assert str(done.exception) == (
        "cannot load nobody/has-this-model: it is not in the cache, and the hub cannot be reached or has "
        "no such model; with network once: hf download nobody/has-this-model --local-dir DIR; "
        "then give --hub DIR"
    )


@pytest.mark.parametrize("damage", ["config.json", "model.safetensors", "preprocessor_config.json"])
def test_a_damaged_folder(lesson: Any, tiny: Path, clips: Path, damage: str) -> None:
    broken = clips / "broken"
    broken.mkdir()
    for file in tiny.iterdir():
        (broken / file.name).write_bytes(file.read_bytes()[: 40 if file.name == damage else None])
    done = lesson("pretrained", clips / "a.wav", "--hub", broken)
    assert done.exit_code == 1
    assert "holds no wav2vec2 model" in str(done.exception)


def test_recordings_that_are_none(lesson: Any, tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("hello\n")
    done = lesson("pretrained", tmp_path / "text.wav", "--hub", tiny)
    assert done.exit_code == 1 and "cannot read" in str(done.exception)
    missing = lesson("pretrained", tmp_path / "nope.wav", "--hub", tiny)
    assert missing.exit_code == 2 and "nope.wav" in missing.output
    (tmp_path / "text.wav").unlink()
    assert "holds no recordings" in str(lesson("pretrained", tmp_path, "--hub", tiny).exception)


def test_the_script(tiny: Path, clips: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    text = (SCRIPTS / "08_pretrained.py").read_text()
    (name,) = [line for line in text.splitlines() if line.startswith("MODEL = ")]
    script = clips / "script.py"
    script.write_text(text.replace(name, f"MODEL = {str(tiny)!r}"))
    monkeypatch.setattr("sys.argv", ["script.py", str(clips / "a.wav")])
    runpy.run_path(str(script), run_name="__main__")
    label, confidence = by_hand(tiny, clips / "a.wav")
    assert capsys.readouterr().out == f"{clips / 'a.wav'}: {label} (confidence {confidence:.3f})\n"
