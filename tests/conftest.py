"""What every test may use: where the real recordings lie, and a word when they do not."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("EARKIT_DATA", ROOT.parent / "shared" / "data"))


def _folder(name: str) -> Path:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"no {name} recordings in {DATA}; set EARKIT_DATA")
    return folder


@pytest.fixture(scope="session")
def speech_commands() -> Path:
    """Real recordings in the Speech Commands layout."""
    return _folder("speech_commands")


@pytest.fixture(scope="session")
def tflm_micro_speech() -> Path:
    """TFLM's micro_speech clips (testdata/) and model (models/)."""
    return _folder("tflm_micro_speech")
