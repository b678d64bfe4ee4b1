"""espeak-ng: a synthesiser by rule with many voices, small and quick."""

import ctypes
import os
from pathlib import Path
from types import ModuleType

import numpy as np
import soxr

from earkit.audio import clips
from earkit.audio.clips import SAMPLE_RATE, Samples
from earkit.errors import DataError, require

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
TIE = "^"
"""Joins the letters of one sound in what `Voice.phonemes` returns."""
_IPA, _TIED = 0x02, 0x80


def loader() -> ModuleType:
    return require("espeakng_loader", "train")


def variants() -> list[str]:
    """The speakers: voice variants that sound like a person."""
    folder = Path(loader().get_data_path()) / "voices" / "!v"
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith(NOT_HUMAN))


class Voice:
    """espeak-ng in this process. It has one global state, so make only one."""

    def __init__(self) -> None:
        found = loader()
        self._library = ctypes.CDLL(found.get_library_path())
        data = os.fsencode(str(found.get_data_path()))
        self.rate: int = self._library.espeak_Initialize(2, 0, data, 0x8000)  # synchronous, don't exit
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
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

    def choose(self, accent: str, variant: str | None = None) -> None:
        """Speak in this accent, as this variant. Raises DataError when espeak-ng has no such voice."""
        name = f"{accent}+{variant}" if variant else accent
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))  # else breathy voices depend on the time
        if self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise DataError(f"espeak-ng has no voice {name}", "reinstall espeakng-loader")

    def say(self, text: str, words_per_minute: int, pitch: int) -> Samples:
        """int16[n] at 16 kHz. `pitch` is 0..100, 50 as the voice is."""
        self._library.espeak_SetParameter(1, words_per_minute, 0)
        self._library.espeak_SetParameter(3, pitch, 0)
        self._chunks.clear()
        encoded = text.encode()
        self._library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded) + 1), 0, 1, 0, 1, None, None)
        wave = np.concatenate([np.zeros(1, np.int16), *self._chunks])
        return clips.quantise(soxr.resample(wave / 32768.0, self.rate, SAMPLE_RATE))

    def phonemes(self, text: str) -> str:
        """How `text`, one clause, is said in this accent: the International Phonetic Alphabet, with TIE."""
        place = ctypes.c_char_p(text.encode())
        mode = _IPA | _TIED | ord(TIE) << 8
        found: bytes | None = self._library.espeak_TextToPhonemes(ctypes.byref(place), 1, mode)
        return (found or b"").decode()
