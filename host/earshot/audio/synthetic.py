"""Synthetic speech: a data set in the Speech Commands layout, spoken by espeak-ng's voices.

A speaker is one of espeak-ng's voice variants, heard in eight English accents, so that a held-out
speaker is a timbre that training never met.
"""

import ctypes
import hashlib
import importlib.metadata
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import active_children, get_context
from pathlib import Path
from types import ModuleType

import numpy as np
import soxr

from earshot import paths
from earshot.audio import clips, noise
from earshot.audio.clips import SAMPLE_RATE, Samples
from earshot.audio.dataset import NOISE_FOLDER, split_by_hash, word_of
from earshot.errors import DataError, EarshotError, require
from earshot.progress import Progress, silent

ACCENTS = (
    "en-us",
    "en",
    "en-gb-scotland",
    "en-gb-x-rp",
    "en-gb-x-gbclan",
    "en-gb-x-gbcwmd",
    "en-029",
    "en-us-nyc",
)
NOT_HUMAN = (
    "robosoft",
    "UniRobot",
    "anikaRobot",
    "Demonic",
    "croak",
    "whisper",
    "Tweaky",
    "RicishayMax",
    "klatt",
)
"""Variants whose names begin so are left out."""

OTHER_WORDS = (
    *("backward", "bed", "bird", "cat", "dog", "down", "eight", "five", "follow", "forward", "four", "go"),
    *("happy", "house", "learn", "left", "marvin", "nine", "no", "off", "on", "one", "right", "seven"),
    *("sheila", "six", "stop", "three", "tree", "two", "up", "visual", "wow", "yes", "zero"),
)
"""What is said besides the words to hear: the vocabulary of Speech Commands."""


@dataclass(frozen=True)
class Settings:
    words: tuple[str, ...] = ("yes", "no")
    repeats: int = 2
    """How often each voice says each of `words`, in different rate and pitch."""
    others: int = 5
    """How many of OTHER_WORDS each voice says."""
    seed: int = 0


def cached(settings: Settings = Settings(), progress: Progress = silent) -> Path:
    """The folder of this data set, made on first use (a few seconds) and then found in the cache."""
    _loader()
    digest = hashlib.sha256(importlib.metadata.version("espeakng-loader").encode())
    digest.update(json.dumps(asdict(settings), sort_keys=True).encode())
    for source in (__file__, noise.__file__):  # what is made depends on how
        digest.update(Path(source).read_bytes())
    folder = paths.cache("synthetic") / digest.hexdigest()[:16]
    if not folder.is_dir():
        create(folder, settings, progress)
    return folder


def create(folder: Path, settings: Settings = Settings(), progress: Progress = silent) -> None:
    """Speak the data set into a new `folder`, whole or not at all.

    The same settings give the same samples: each accent is spoken in a process of its own, because
    espeak-ng carries state from call to call. Raises DataError when `folder` exists.
    """
    _loader()
    if folder.exists():
        raise DataError(f"{folder} exists already", "choose another name or remove it")
    with _whole(folder) as draft:
        _speak_all(draft, settings, progress)
        _write_noise(draft, settings.seed)


def variants() -> list[str]:
    """The speakers: espeak-ng's voice variants that sound like a person."""
    folder = Path(_loader().get_data_path()) / "voices" / "!v"
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith(NOT_HUMAN))


def speaker_id(variant: str) -> str:
    """Eight hex digits, as Speech Commands names its speakers."""
    return hashlib.sha1(variant.encode()).hexdigest()[:8]


class Voice:
    """espeak-ng in this process. It has one global state, so make only one."""

    def __init__(self) -> None:
        loader = _loader()
        self._library = ctypes.CDLL(loader.get_library_path())
        data = os.fsencode(str(loader.get_data_path()))
        self.rate: int = self._library.espeak_Initialize(2, 0, data, 0x8000)  # synchronous, don't exit
        self._chunks: list[Samples] = []
        prototype = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )
        self._callback = prototype(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def _collect(self, wave: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if wave and count > 0:
            self._chunks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        return 0

    def choose(self, accent: str, variant: str) -> None:
        """Speak as this variant in this accent. Raises DataError when espeak-ng has no such voice."""
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))  # else breathy voices depend on the time
        if self._library.espeak_SetVoiceByName(f"{accent}+{variant}".encode()) != 0:
            raise DataError(f"espeak-ng has no voice {accent}+{variant}", "reinstall espeakng-loader")

    def say(self, text: str, words_per_minute: int, pitch: int) -> Samples:
        """int16[n] at 16 kHz. `pitch` is 0..100, 50 as the voice is."""
        self._library.espeak_SetParameter(1, words_per_minute, 0)
        self._library.espeak_SetParameter(3, pitch, 0)
        self._chunks.clear()
        encoded = text.encode()
        self._library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded) + 1), 0, 1, 0, 1, None, None)
        wave = np.concatenate([np.zeros(1, np.int16), *self._chunks])
        return clips.quantise(soxr.resample(wave / 32768.0, self.rate, SAMPLE_RATE))


def _loader() -> ModuleType:
    return require("espeakng_loader", "train")


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A draft folder that becomes `folder` when the block succeeds and vanishes when it does not."""
    draft: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        yield draft
        draft.chmod(0o755)
        draft.rename(folder)
    except OSError as error:
        raise EarshotError(f"cannot write {folder}: {error.strerror or error}", "free some room") from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


def _speak_all(folder: Path, settings: Settings, progress: Progress) -> None:
    for word in {*settings.words, *OTHER_WORDS}:
        (folder / word).mkdir()
    with _workers(min(len(ACCENTS), os.cpu_count() or 1)) as pool:
        with _deaf_to_interrupts():  # what the workers inherit
            jobs = [pool.submit(_speak_accent, folder, number, settings) for number in range(len(ACCENTS))]
        for done, job in enumerate(as_completed(jobs)):
            job.result()
            progress("speaking", done + 1, len(jobs))


@contextmanager
def _workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that each do one job; on any error, Ctrl-C included, they are ended at once."""
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in active_children():
                process.kill()
            raise


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl-C waits until this block ends; threads and processes that start within never get it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _speak_accent(folder: Path, number: int, settings: Settings) -> None:
    """Every speaker in one accent. Clip numbers leave room for the other accents' clips."""
    rng = np.random.default_rng([settings.seed, number])
    voice = Voice()
    others = [word for word in OTHER_WORDS if word not in settings.words]
    for variant in variants():
        voice.choose(ACCENTS[number], variant)
        texts = [*settings.words * settings.repeats, *rng.choice(others, settings.others, replace=False)]
        for count, text in enumerate(texts):
            spoken = voice.say(text, int(rng.integers(120, 210)), int(rng.integers(25, 80)))
            name = f"{speaker_id(variant)}_nohash_{number * 100 + count}.wav"
            clips.write(folder / text / name, _place(spoken, rng))


def _place(spoken: Samples, rng: np.random.Generator) -> Samples:
    """The word within 0.1 s of the middle of one second, at a level between quiet and full."""
    loud = np.flatnonzero(np.abs(spoken) > 200)
    word = spoken[loud[0] : loud[-1] + 1][:SAMPLE_RATE] if len(loud) else spoken[:0]
    peak = max(1, int(np.abs(word.astype(np.int32)).max(initial=1)))
    level = 10 ** rng.uniform(3.4, 4.4)
    room = SAMPLE_RATE - len(word)
    start = min(room, max(0, room // 2 + int(rng.integers(-1600, 1600))))
    second = np.zeros(SAMPLE_RATE)
    second[start : start + len(word)] = word * (level / peak / 32768.0)
    return clips.quantise(second)


def _write_noise(folder: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sounds = noise.every_kind(rng, seconds=30)
    sounds["babble"] = _babble(folder, rng, seconds=30)
    for name, samples in sounds.items():
        clips.write(folder / NOISE_FOLDER / f"{name}.wav", samples)


def _babble(folder: Path, rng: np.random.Generator, seconds: int) -> Samples:
    """Many training voices at once, none of them saying a word to hear."""
    found = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*.wav"))
    names = [n for n in found if word_of(n) in OTHER_WORDS and split_by_hash(n) == "training"]
    mixture = np.zeros(seconds * SAMPLE_RATE)
    for name in rng.choice(names, size=12 * seconds):
        start = int(rng.integers(0, len(mixture) - SAMPLE_RATE))
        mixture[start : start + SAMPLE_RATE] += clips.read(folder / name).samples / 32768.0
    return clips.quantise(mixture * (noise.LEVEL / np.sqrt(np.mean(mixture**2))))
