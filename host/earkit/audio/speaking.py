"""Who says what in a synthetic data set. Each job is independent of the others and repeatable."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earkit.audio import clips, espeak, kokoro, sound_alikes
from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.audio.dataset import speaker_id, split_of
from earkit.audio.kokoro import Style

JOBS = len(espeak.ACCENTS)
OTHER_WORDS = (
    *("backward", "bed", "bird", "cat", "dog", "down", "eight", "five", "follow", "forward", "four", "go"),
    *("happy", "house", "learn", "left", "marvin", "nine", "no", "off", "on", "one", "right", "seven"),
    *("sheila", "six", "stop", "three", "tree", "two", "up", "visual", "wow", "yes", "zero"),
)
"""What is said besides the words to hear: the vocabulary of Speech Commands."""
_MIXTURES = 150
"""Neural speakers that are two voices mixed."""
_CLIP_NUMBERS = 100
"""For each job."""


@dataclass(frozen=True)
class Settings:
    words: tuple[str, ...] = ("yes", "no")
    repeats: int = 2
    """How often each voice says each of `words`, in different manner."""
    others: int = 5
    """How many of OTHER_WORDS each voice says."""
    alike: int = 0
    """How many words that sound like one of `words` each voice says."""
    neural: bool = False
    """Kokoro's voices instead of espeak-ng's."""
    seed: int = 0


def neural(words: tuple[str, ...]) -> Settings:
    """What Kokoro's voices say for training: more other words than espeak-ng's, of which there are more."""
    return Settings(words, others=8, alike=6, neural=True)


def speak(folder: Path, job: int, settings: Settings) -> None:
    """Do one of JOBS: write its clips, in folders of their words."""
    rng = np.random.default_rng([settings.seed, job])
    said = _neural(job, settings, rng) if settings.neural else _by_rule(job, settings, rng)
    for word, name, spoken in said:
        (folder / word).mkdir(exist_ok=True)
        clips.write(folder / word / name, _place(spoken, rng))


def clip_count(settings: Settings) -> int:
    """How many clips all jobs write; fewer where too few words sound alike."""
    each = len(settings.words) * settings.repeats + settings.others + settings.alike
    if settings.neural:
        return each * (len(kokoro.styles()) + _MIXTURES)
    return each * JOBS * len(espeak.variants())


def speakers(settings: Settings) -> list[tuple[str, Style, bool]]:
    """The neural ones: name, style, and whether British. Each is a voice, or two of the same split mixed,
    which is in that split too."""
    rng = np.random.default_rng([settings.seed, JOBS])
    voices = kokoro.styles()
    found = {name: (style, name.startswith("b")) for name, style in voices.items()}
    while len(found) < len(voices) + _MIXTURES:
        pair = sorted(str(name) for name in rng.choice(list(voices), 2, replace=False))
        share = np.float32(rng.uniform(0.25, 0.75))
        name = "+".join(pair)
        if len({split_of(part) for part in (name, *pair)}) == 1:
            first, second = (voices[part] for part in pair)
            found[name] = (share * first + (1 - share) * second, all(part.startswith("b") for part in pair))
    return [(name, *rest) for name, rest in found.items()]


def _by_rule(job: int, settings: Settings, rng: np.random.Generator) -> Iterator[tuple[str, str, Samples]]:
    """Every speaker in one accent."""
    voice = espeak.Voice()
    for variant in espeak.variants():
        voice.choose(espeak.ACCENTS[job], variant)
        for name, word in _texts(variant, job, settings, (), rng):
            yield word, name, voice.say(word, int(rng.integers(120, 210)), int(rng.integers(25, 80)))


def _neural(job: int, settings: Settings, rng: np.random.Generator) -> Iterator[tuple[str, str, Samples]]:
    """Every JOBS-th speaker. How fast, as what kind of sentence, and as a part of how long a one a word is
    said, makes its manner."""
    voice, ruled = kokoro.Voice(), espeak.Voice()
    alike = [word for word in sound_alikes.of(settings.words, ruled) if word not in OTHER_WORDS]
    for speaker, style, is_british in speakers(settings)[job::JOBS]:
        ruled.choose("en" if is_british else "en-us")
        for name, word in _texts(speaker, job, settings, alike, rng):
            spelt = kokoro.alphabet(ruled.phonemes(word), is_british) + str(rng.choice([".", ",", "!", "?"]))
            length = int(np.exp(rng.uniform(np.log(8), np.log(250))))
            said = voice.say(spelt, style[length], rng.uniform(0.7, 1.1))
            yield word, name, clips.quantise(said.astype(np.float64) / max(1.0, float(np.abs(said).max())))


def _texts(
    speaker: str, job: int, settings: Settings, alike: Sequence[str], rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Names of files, and the words that a speaker says into them."""
    others = [word for word in OTHER_WORDS if word not in settings.words]
    words = [*settings.words * settings.repeats, *rng.choice(others, settings.others, replace=False)]
    words += [*rng.choice(alike, min(settings.alike, len(alike)), replace=False)]
    first = job * _CLIP_NUMBERS
    return [
        (f"{speaker_id(speaker)}_nohash_{first + count}.wav", str(word)) for count, word in enumerate(words)
    ]


def _place(spoken: NDArray[np.int16], rng: np.random.Generator) -> Samples:
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
