"""Lesson 6: what the board makes of a sound.

    python scripts/06_sound.py yes.wav

prints the word as the board's front end sees it, time to the right, low voices at the bottom, and

    49 rows of 40 channels, int8

Without a file it speaks a synthetic `yes`.
"""

import sys
import tempfile
from pathlib import Path

from earkit.audio import clips
from earkit.core import frontend
from earkit.lessons import sound

# settings
WORD = "yes"  # when no file is given
SHADES = " .:-=+*#%@"

with tempfile.TemporaryDirectory() as scratch:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch) / "spoken.wav"
    if len(sys.argv) == 1:
        sound.speak(WORD, path)
    samples = clips.fit(clips.read(path).samples, clips.SAMPLE_RATE)  # one second at 16 kHz

features = frontend.window_int8(samples)
for channel in range(38, -1, -2):
    print("".join(SHADES[(int(value) + 128) * len(SHADES) // 256] for value in features[:, channel]))
print(f"{features.shape[0]} rows of {features.shape[1]} channels, {features.dtype}")
