"""Synthetic speech: a data set in the Speech Commands layout.

espeak-ng's speakers are its voice variants, heard in eight English accents. The neural ones are Kokoro's
voices, and mixtures of two. A held-out speaker is a timbre that training never met.
"""

import hashlib
import importlib.metadata
import inspect
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict
from multiprocessing import active_children, get_context
from pathlib import Path

import numpy as np

from earkit import paths
from earkit.audio import clips, espeak, kokoro, noise, prose, sound_alikes, speaking
from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.audio.dataset import NOISE_FOLDER, split_by_hash, word_of
from earkit.audio.speaking import OTHER_WORDS, Settings
from earkit.errors import DataError, EarkitError
from earkit.progress import Progress, silent

_MAKERS = (speaking, espeak, kokoro, sound_alikes, prose, noise)


def cached(settings: Settings = Settings(), progress: Progress = silent) -> Path:
    """The folder of this data set, made on first use (by rule a few seconds, neural many minutes) and then
    found in the cache."""
    espeak.loader()
    digest = hashlib.sha256(importlib.metadata.version("espeakng-loader").encode())
    digest.update(json.dumps(asdict(settings), sort_keys=True).encode())
    for maker in _MAKERS:  # what is made depends on how
        digest.update(inspect.getsource(maker).encode())
    digest.update(Path(__file__).read_bytes())
    folder = paths.cache("synthetic") / digest.hexdigest()[:16]
    if not folder.is_dir():
        create(folder, settings, progress)
    return folder


def create(folder: Path, settings: Settings = Settings(), progress: Progress = silent) -> None:
    """Speak the data set into a new `folder`, whole or not at all; jobs that were done when it was stopped
    wait beside it, and are not done again.

    The same settings give the same samples: each job is done in a process of its own, because espeak-ng
    carries state from call to call. Raises DataError when `folder` exists.
    """
    espeak.loader()
    if settings.neural:
        kokoro.prepare()
    if folder.exists():
        raise DataError(f"{folder} exists already", "choose another name or remove it")
    parts = folder.with_name(f".{folder.name}-parts")
    try:
        _speak_all(parts, settings, progress)
    finally:
        for draft in parts.glob(".*"):  # of a worker that was killed
            shutil.rmtree(draft, ignore_errors=True)
    with _whole(folder) as draft:
        for clip in parts.glob("*/*/*.wav"):
            place = draft / clip.parent.name
            place.mkdir(exist_ok=True)
            shutil.copyfile(clip, place / clip.name)
        _write_noise(draft, settings.seed)
    shutil.rmtree(parts)


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
        raise EarkitError(f"cannot write {folder}: {error.strerror or error}", "free some room") from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


def _speak_all(parts: Path, settings: Settings, progress: Progress) -> None:
    """Fill `parts` with a folder for each job."""
    left = [job for job in range(speaking.JOBS) if not (parts / str(job)).is_dir()]
    with _workers(min(speaking.JOBS, os.cpu_count() or 1)) as pool:
        with _deaf_to_interrupts():  # what the workers inherit
            jobs = [pool.submit(_speak, parts / str(job), job, settings) for job in left]
        total, waiting = speaking.clip_count(settings), set(jobs)
        while waiting:
            done, waiting = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
            for job in done:
                job.result()
            progress("speaking", _clips_in(parts) if waiting else total, total)


def _clips_in(parts: Path) -> int:
    """While drafts become folders: os.walk, unlike glob, goes on when one is not there any more."""
    return sum(name.endswith(".wav") for _, _, names in os.walk(parts) for name in names)


def _speak(folder: Path, job: int, settings: Settings) -> None:
    with _whole(folder) as draft:
        speaking.speak(draft, job, settings)


@contextmanager
def _workers(count: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that each do one job; on any error, Ctrl-C included, they are ended at once."""
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        try:
            yield pool
        except BaseException:
            for process in active_children():
                process.kill()
            pool.shutdown(wait=True, cancel_futures=True)  # without waiting it may start one more worker
            raise


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl-C waits until this block ends; threads and processes that start within never get it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
