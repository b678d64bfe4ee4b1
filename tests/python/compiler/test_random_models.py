"""Random models: the compiled C equals the TFLite Micro interpreter on the host, and some on the board.

`make check-random` runs more of them: EARKIT_RANDOM_MODELS is how many.
"""

import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_models import models, moving_models

from earkit.bench.exactness import check_graph
from earkit.compiler.compile import compile_graph
from earkit.compiler.read import parse

COUNT = int(os.environ.get("EARKIT_RANDOM_MODELS", "20"))

as_many = settings(max_examples=COUNT, derandomize=True, suppress_health_check=list(HealthCheck))
needs_tools = pytest.mark.skipif(
    not shutil.which("gcc") or not shutil.which("arm-none-eabi-gcc"), reason="no gcc or Arm compiler"
)


@needs_tools
@pytest.mark.timeout(900 + 10 * COUNT)
@as_many
@given(models(), st.booleans())
def test_random_model_is_exact(data: bytes, fast: bool) -> None:
    pytest.importorskip("tflite_micro")
    graph = parse(data, "random", "random model")
    result = check_graph(graph, 30, fast=fast)
    assert (result.host, result.board) == (0, 0), result


@needs_tools
@pytest.mark.timeout(900 + 10 * COUNT)
@as_many
@given(moving_models(), st.booleans())
def test_stream_is_exact(data: bytes, fast: bool) -> None:
    """After any number of steps, what a step gives is what TFLite Micro gives for the whole window."""
    pytest.importorskip("tflite_micro")
    result = check_graph(parse(data, "random", "random model"), 5, fast=fast)
    assert (result.host, result.board) == (0, 0), result


@settings(max_examples=50, derandomize=True, suppress_health_check=list(HealthCheck))
@given(models())
def test_same_file_gives_same_source(data: bytes) -> None:
    first, second = (compile_graph(parse(data, "random", "random model")) for _ in range(2))
    assert first.files == second.files
    assert first.plan.lower_bound <= first.plan.arena_bytes
