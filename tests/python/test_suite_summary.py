"""What a run says last, by one worker and by two."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FILES = {
    "conftest.py": """
from suite_summary import Summary

def pytest_configure(config):
    config.pluginmanager.register(Summary())
""",
    "one/test_a.py": """
import pytest

@pytest.mark.parametrize("number", range(3))
def test_board(number):
    pytest.skip("no board")

def test_good():
    pass

@pytest.mark.xfail
def test_known():
    assert False
""",
    "two/test_b.py": "import time\n\ndef test_slow():\n    time.sleep(1.2)\n    assert False\n",
    "two/test_c.py": "import pytest\n\npytest.importorskip('no_such_package', reason='no such package')\n",
}


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_minutes_and_skips_come_last_and_a_failure_fails(tmp_path: Path, workers: tuple[str, ...]) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "--rootdir", str(tmp_path), *workers]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if "minutes by folder" in line)
    assert any("short test summary" in line for line in lines[:start])
    rows = [line.split() for line in lines[start + 2 : start + 5]]
    assert [row[1:4] for row in rows] == [["5", "0", "one"], ["1", "1", "two"], ["6", "1", "all,"]]
    assert 0.02 <= float(rows[1][0]) <= float(rows[2][0])
    assert "skipped" in lines[start + 5]
    assert lines[start + 6 : start + 8] == ["   3  one: no board", "   1  two: no such package"]
    assert len(lines) == start + 9 and "1 failed, 1 passed" in lines[-1]
