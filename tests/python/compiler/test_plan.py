"""The memory plan: nothing that lives at the same time overlaps, whatever the model."""

from hypothesis import HealthCheck, given, settings
from random_models import models

from earkit.compiler.compile import compile_graph
from earkit.compiler.plan import ALIGNMENT
from earkit.compiler.read import parse


@settings(max_examples=150, derandomize=True, suppress_health_check=list(HealthCheck))
@given(models())
def test_no_overlap(data: bytes) -> None:
    plan = compile_graph(parse(data, "m", "m")).plan
    for i, a in enumerate(plan.blocks):
        assert a.offset % ALIGNMENT == 0
        assert 0 <= a.offset <= plan.arena_bytes - a.size
        for b in plan.blocks[:i]:
            apart = a.offset + a.size <= b.offset or b.offset + b.size <= a.offset
            assert apart or not a.meets(b)
    for layer in range(len(plan.blocks)):
        alive = sum(b.size for b in plan.blocks if b.first <= layer <= b.last)
        assert alive <= plan.lower_bound <= plan.arena_bytes
