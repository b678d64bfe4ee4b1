"""The memory plan: nothing that lives at the same time overlaps, whatever the model."""

from hypothesis import HealthCheck, given, settings
from random_models import lending_models, models, moving_models
from tflite_writer import Writer

from earkit.compiler.compile import compile_graph
from earkit.compiler.emit.body import ARENA, Body
from earkit.compiler.place import ALIGNMENT, SCRATCH, Block, Place, Plan
from earkit.compiler.read import parse

QUIET = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def check(plan: Plan) -> None:
    for i, a in enumerate(plan.blocks):
        assert a.offset % ALIGNMENT == 0
        assert 0 <= a.offset <= plan.arena_bytes - a.size
        for b in plan.blocks[:i]:
            apart = a.offset + a.size <= b.offset or b.offset + b.size <= a.offset
            assert apart or not a.meets(b)
    for layer in range(len(plan.blocks)):
        alive = sum(b.size for b in plan.blocks if b.first <= layer <= b.last)
        assert alive <= plan.lower_bound <= plan.arena_bytes
    labels = [block.label for block in plan.blocks]
    assert len(set(labels)) == len(labels)


@QUIET
@given(models() | moving_models())
def test_no_overlap(data: bytes) -> None:
    compiled = compile_graph(parse(data, "m", "m"))
    plans = [compiled.plan, *([compiled.streaming.plan] if compiled.streaming else [])]
    for plan in plans:
        check(plan)
        for index, place in plan.places.items():
            if isinstance(place.base, Block):
                assert place.base in plan.blocks and place.offset == 0
                assert compiled.graph.tensors[index].name in place.base.names


@QUIET
@given(lending_models())
def test_a_loan_lies_in_the_rows_that_it_replaces(data: bytes) -> None:
    compiled = compile_graph(parse(data, "m", "m"))
    loan = compiled.streaming.loan if compiled.streaming else None
    if loan:
        block = loan.input.base
        assert (
            isinstance(block, Block) and block is loan.rows.base and block in compiled.streaming.plan.blocks
        )
        assert loan.input.offset + compiled.graph.inputs[0].bytes <= loan.rows.offset < block.size
        assert loan.input_bytes == block.offset + loan.input.offset


def test_places_in_c() -> None:
    block = Block("CONV_2D_0", ("x",), 64, 0, 1, 320)
    plan = Plan({}, {}, 96, (), frozenset(), (block,), 384, 384)
    body = Body(plan, ARENA)
    assert body.address(Place(block)) == "at(arena, AT_CONV_2D_0)"
    assert body.address(Place(block).plus(8).plus(4)) == "at(arena, AT_CONV_2D_0 + 12)"
    assert body.address(Place("input_1", 40)) == "input_1 + 40"
    text = body.text("void f(void)", ["input_1", "input_10"])
    assert "(void)input_10;" in text and "(void)input_1;" not in text and "(void)arena;" not in text
    assert SCRATCH not in text
    body.call("g", [Place(SCRATCH)], Place("output"), None)
    assert "uint8_t scratch[96];" in body.text("void f(void)", [])
    assert "(void)arena;" in Body(plan, ARENA).text("void f(void)", [])


def test_an_input_that_nothing_reads() -> None:
    """Among eleven, where input_1 begins the name of input_10."""
    w = Writer()
    inputs = [w.tensor((1, 4), "int8", [0.1], [0]) for _ in range(11)]
    output = w.tensor((1, 4), "int8", [0.1], [0])
    w.operator("RELU", [inputs[10]], [output])
    source = compile_graph(parse(w.bytes(inputs, [output]), "m", "m")).source
    assert all(f"(void)input_{i};" in source for i in range(10))
    assert "(void)input_10;" not in source


def test_offsets_are_named() -> None:
    w = Writer()
    x, h = w.tensor((1, 4, 4, 2), "int8", [0.1], [0]), w.tensor((1, 8, 8, 2), "int8", [0.1], [0])
    y = w.tensor((1, 128), "int8", [0.2], [5])
    w.operator("PAD", [x, w.constant([[0, 0], [2, 2], [2, 2], [0, 0]])], [h], "PadOptions")
    flat = w.tensor((1, 128), "int8", [0.1], [0])
    w.operator("RESHAPE", [h, w.constant([1, 128])], [flat], "ReshapeOptions")
    w.operator("QUANTIZE", [flat], [y], "QuantizeOptions")
    source = compile_graph(parse(w.bytes([x], [y]), "m", "m")).source
    assert "AT_PAD_0 = 0, /* 128 bytes */" in source
    assert "model_layer_0_pad(input, at(arena, AT_PAD_0));" in source
    assert "model_layer_2_quantize(at(arena, AT_PAD_0), output);" in source
    heading = (
        "/* Layer 0: PAD, int8[1, 4, 4, 2] -> int8[1, 8, 8, 2]; 0 MACs\n * input: t0, scale 0.1, zero point 0"
    )
    assert heading in source
