"""A .tflite goes through the compiler one way: read, graph, layers, plan, emit, write.

What is counted: every call of a function or method of earkit/compiler while export_model runs, at any depth,
by the file that defines it. A stay is a run of calls into one file; a stay in a file where the walk has been
before is a return. Not counted are

- leaves: files of data types and of helpers (checks, arithmetic, pieces of C) that import no other file of
  the compiler but leaves;
- functions inside functions, comprehensions included: they belong to the stay that made them, or are values
  that a layer carries (RowWise.call, Parts.take);
- the way back when a call ends.

ops/ counts as one file, for its files are alternatives.
"""

import ast
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import earkit.compiler
from earkit.compiler.export import export_model

ROOT = Path(__file__).parents[3]
COMPILER = Path(earkit.compiler.__file__).parent
LEAVES = {
    *("channels", "check", "ctext", "emit.body", "fixedpoint", "graph", "layer", "layout", "motion"),
    *("operation", "place", "program", "quantize", "window"),
}
MOST_RETURNS = 4


def place_of(file: Path) -> str:
    name = ".".join(file.relative_to(COMPILER).with_suffix("").parts)
    return "ops" if name.startswith("ops.") else name


def walk(model: Path, folder: Path) -> list[tuple[str, str]]:
    """The stays of export_model, each with the function that began it."""
    stays: list[tuple[str, str]] = []

    def profile(frame: FrameType, event: str, _: Any) -> None:
        file = Path(frame.f_code.co_filename)
        name = frame.f_code.co_qualname
        if event != "call" or not file.is_relative_to(COMPILER) or "<" in name:
            return
        place = place_of(file)
        if place not in LEAVES and (not stays or stays[-1][0] != place):
            stays.append((place, name))

    sys.setprofile(profile)
    try:
        export_model(model, folder)
    finally:
        sys.setprofile(None)
    return stays


@pytest.mark.parametrize("name", ["micro_speech", "regression"])
def test_the_walk_seldom_returns(name: str, tmp_path: Path) -> None:
    stays = walk(ROOT / f"models/{name}/{name}.tflite", tmp_path)
    places = [place for place, _ in stays]
    print(*stays, sep="\n")
    assert {"export", "read", "ops", "plan", "stream", "emit.source", "emit.manifest"} <= set(places)
    assert len(places) - len(set(places)) <= MOST_RETURNS, stays


@pytest.mark.parametrize("leaf", sorted(LEAVES))
def test_leaves_import_leaves(leaf: str) -> None:
    tree = ast.parse((COMPILER / f"{leaf.replace('.', '/')}.py").read_text())
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = {m.removeprefix("earkit.compiler.") for m in modules if m.startswith("earkit.compiler.")}
    assert ours <= LEAVES
