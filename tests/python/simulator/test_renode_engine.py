"""The Renode engine where there is no Renode, and with one where there is."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from earshot.errors import ToolError
from earshot.simulator.renode import run_renode


def test_a_missing_renode_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=r"Renode is not installed; get a release package from .*") as raised:
        run_renode(tmp_path / "firmware.elf", np.zeros(16000, np.int16))
    assert "\n" not in str(raised.value)


@pytest.mark.skipif(shutil.which("renode") is None, reason="Renode is not installed")
def test_renode_hears_what_the_board_hears(tflm_micro_speech: Path) -> None:
    from earshot.audio import clips
    from earshot.toolchain.platformio import build

    yes = clips.read(tflm_micro_speech / "testdata" / "yes_1000ms.wav").samples
    pause = np.zeros(16000, np.int16)
    assert b"Heard yes" in run_renode(build("sim", None), np.concatenate([pause, yes, pause]))
