"""What ops/ says of its operators is whole: nothing that an operator needs can be forgotten unnoticed."""

import ast
import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import tflite
from random_models import ELEMENTWISE, ModelMaker
from tflite_writer import Writer

from earkit import paths
from earkit.compiler import channels, check, graph, operation, operators, ops, quantize
from earkit.compiler.compile import compile_graph
from earkit.compiler.graph import Refusal
from earkit.compiler.layer import Kernel
from earkit.compiler.ops import OPERATIONS, TEMPLATE
from earkit.compiler.read import parse
from earkit.errors import ModelError

ROOT = Path(__file__).parents[3]
KERNELS = paths.kit() / "firmware/core/kernels"
FILES = [info.name for info in pkgutil.iter_modules(ops.__path__)]
WITHOUT_RANDOM_MODELS = {"DEQUANTIZE": "its output is float32: test_quantize_and_dequantize"}


def module(name: str):
    return importlib.import_module(f"earkit.compiler.ops.{name}")


def values(name: str, kind: type) -> list:
    return [value for value in vars(module(name)).values() if isinstance(value, kind)]


def test_every_file_is_found() -> None:
    stems = {file.stem for file in Path(ops.__file__).parent.glob("*.py")} - {"__init__"}
    assert stems == set(FILES) and "TEMPLATE" in stems
    named = [name for file in FILES if file != "TEMPLATE" for name in module(file).OPERATIONS]
    assert sorted(named) == list(OPERATIONS) and not TEMPLATE.OPERATIONS.keys() & OPERATIONS.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_schema_knows_it(name: str) -> None:
    assert hasattr(tflite.BuiltinOperator, name)
    found = OPERATIONS[name]
    assert found.types
    if found.options:
        table, fields = found.options
        assert all(hasattr(table, field) for field in fields)


@pytest.mark.parametrize("name", OPERATIONS)
def test_tflite_micro_has_its_resolver(name: str) -> None:
    """TFLite Micro spells an operator's name as the schema does, without underlines."""
    resolver = OPERATIONS[name].resolver
    assert resolver.upper() == name.replace("_", "")


@pytest.mark.parametrize("name", OPERATIONS)
def test_random_models_have_it(name: str) -> None:
    """By itself, where it is one input and no options, else by a method of its name; or a reason why not."""
    assert name in ELEMENTWISE or hasattr(ModelMaker, name.lower()) or name in WITHOUT_RANDOM_MODELS


@pytest.mark.parametrize("file", FILES)
def test_refusals_are_in_the_table(file: str) -> None:
    """What a file can refuse, its helpers included, is what its operations say; nothing else is raised."""
    said = {refusal for found in module(file).OPERATIONS.values() for refusal in found.refuses}
    own = set(values(file, Refusal))
    assert own <= said | {check.WRONG_TYPE}
    source = Path(module(file).__file__).read_text()
    helpers = {"read_weights": channels.REFUSES, "activation_range": (quantize.UNFUSABLE,)}
    helpers |= {"float_activation_range": (quantize.UNFUSABLE,), "constant": (graph.NOT_CONSTANT,)}
    called = {call.func.id for call in calls(source) if isinstance(call.func, ast.Name)}
    for helper, refusals in helpers.items():
        if helper in called:
            assert set(refusals) <= said, helper
    raised = {node.exc.func.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise)}
    assert raised <= {"refuse", "damaged"}


def calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


@pytest.mark.parametrize("file", [f for f in FILES if f != "TEMPLATE"])
def test_kernels_are_there(file: str, tmp_path: Path) -> None:
    """The files that a kernel names exist, declare it in kernels.h, and need nothing else to link."""
    for kernel in values(file, Kernel):
        if kernel.name == "memcpy":
            continue
        assert re.search(rf"\b{kernel.name}\(", (KERNELS / "kernels.h").read_text())
        sources = [str(KERNELS / name) for name in kernel.files]
        command = ["gcc", "-std=c11", "-O1", "-shared", "-fPIC", f"-I{KERNELS.parent}", *sources]
        library = tmp_path / f"{kernel.name}.so"
        subprocess.run([*command, "-Wl,--no-undefined", "-o", str(library)], check=True)
        symbols = subprocess.run(
            ["nm", "-D", str(library)], capture_output=True, text=True, check=True
        ).stdout
        assert f" T {kernel.name}\n" in symbols


def test_the_document_is_current() -> None:
    assert (ROOT / "docs/operators.md").read_text() == operators.document(), (
        "run: python -m earkit.compiler.operators docs/operators.md"
    )


def elu(scale: float) -> bytes:
    w = Writer()
    x, y = w.tensor((1, 3, 3, 2), "int8", [0.1], [3]), w.tensor((1, 3, 3, 2), "int8", [scale], [-9])
    w.operator("ELU", [x], [y])
    return w.bytes([x], [y])


def test_the_template_compiles_when_it_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="not supported"):
        compile_graph(parse(elu(0.1), "m", "m"))
    for name, found in TEMPLATE.OPERATIONS.items():
        monkeypatch.setitem(OPERATIONS, name, found)
    assert "ear_lookup(18, layer_0_table, input, output)" in compile_graph(parse(elu(0.1), "m", "m")).source
    with pytest.raises(ModelError, match="below 1/512"):
        compile_graph(parse(elu(0.0001), "m", "m"))
    assert operation.Operation is type(TEMPLATE.OPERATIONS["ELU"])
