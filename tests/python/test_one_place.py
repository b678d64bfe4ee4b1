"""What is decided in one place is decided nowhere else."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = [
    *(file for end in ("*.py", "*.js") for file in (ROOT / "host/earkit").rglob(end)),
    *(file for end in ("*.[ch]", "*.cpp", "*.ino") for file in (ROOT / "firmware").rglob(end)),
]
LABEL = r"""(?:SILENCE|UNKNOWN|["'](?:silence|unknown)["'])"""
PLACES = {
    "compares a label with silence or unknown": (
        rf"(?:==|!=|\bin\b|index\(|strcmp\(|&)[^\n#]*{LABEL}|{LABEL}[^\n]*(?:==|!=|\bin\b)",
        {"host/earkit/settings.py"},
    ),
    "takes a label for a word by its place": (
        r"labels\[2:\]|labels\.slice\(2|label\w* > 1\b|label\w* <= 1\b",
        set(),
    ),
    "knows how long a hop of the spotter lasts": (
        r"\b(?:HOP|BLOCK)_MS\b|kHopMs|HOPS_PER_SECOND [0-9]",
        {"firmware/core/spotter/spotter.c"},
    ),
    "knows when the window is full": (
        r"\bQUIET_?(?:MS|HOPS)?\b|kWindowHops|model->frames\b",
        {"firmware/core/spotter/spotter.c"},
    ),
}


@pytest.mark.parametrize("what", PLACES)
def test_one_place(what: str) -> None:
    pattern, places = PLACES[what]
    found = {str(file.relative_to(ROOT)) for file in CODE if re.search(pattern, file.read_text())}
    assert found == places, what
