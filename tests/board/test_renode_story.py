"""The story as Renode's own users run it: nano33ble.robot by renode-test, its front to Robot Framework."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from earkit import paths
from earkit.audio import clips
from earkit.simulator import image as elf

STORY = paths.kit() / "host/earkit/simulator/renode/nano33ble.robot"
STORIES = 4
SECOND = np.zeros(clips.SAMPLE_RATE, np.int16)


@pytest.mark.timeout(1200)
def test_the_robot_story(board_name: str, image: Path, tflm_micro_speech: Path, tmp_path: Path) -> None:
    if board_name != "renode":
        pytest.skip("the story is Renode's")
    if not shutil.which("renode-test"):
        pytest.fail("renode-test (of Renode's packages; it wants Robot Framework) is not in the PATH")
    for name in ("yes", "no", "noise"):
        sound = clips.read(tflm_micro_speech / "testdata" / f"{name}_1000ms.wav").samples
        np.concatenate([SECOND, sound, SECOND, SECOND]).astype("<i2").tofile(tmp_path / f"{name}.raw")
    vectors = min(address for address, _ in elf.load(image).segments)
    variables = {"ELF": image, "SOUNDS": tmp_path, "VECTORS": hex(vectors)}
    options = [part for name, value in variables.items() for part in ("--variable", f"{name}:{value}")]
    command = ["renode-test", *options, "--results-dir", str(tmp_path / "results"), str(STORY)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Finished test") == STORIES, done.stdout
