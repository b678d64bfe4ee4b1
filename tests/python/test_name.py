"""The project's name: no text leads to a distribution that is not ours."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OLD = "ear" + "shot"
"""On PyPI this is somebody else's voice activity detector."""
MAY_SAY_IT = {
    "CHANGELOG.md": 1,  # that it was renamed
    "host/earkit/settings.py": 1,  # models trained under the old name are still read
}
PUBLISHED = re.compile(r"pip (?:install) [^\n`]*?['\"]?earkit\b(?!\[\w+\] @)")
"""As if ours lay on PyPI. `earkit[sim] @ git+URL` names its source."""


@pytest.fixture(scope="module")
def texts() -> dict[str, bytes]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return {name: (ROOT / name).read_bytes() for name in names}


def test_the_old_name_is_gone(texts: dict[str, bytes]) -> None:
    found = {name: len(re.findall(OLD.encode(), text, re.IGNORECASE)) for name, text in texts.items()}
    assert {name: count for name, count in found.items() if count} == MAY_SAY_IT
    assert not [name for name in texts if OLD in name.lower()]


def test_no_text_installs_ours_from_pypi(texts: dict[str, bytes]) -> None:
    found = {name: PUBLISHED.findall(text.decode(errors="replace")) for name, text in texts.items()}
    assert not {name: lines for name, lines in found.items() if lines}
