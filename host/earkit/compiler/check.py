"""What every operator checks first."""

from earkit.compiler.graph import Operator, Refusal, Tensor

WRONG_TYPE = Refusal(
    "{given} is not supported here, only {allowed}", "convert the model with full int8 quantisation"
)
WRONG_RANK = Refusal("it has {given} dimensions, not {allowed}", "reshape it in the model")


def require_counts(operator: Operator, inputs: int, optional: int = 0) -> None:
    """The operator has `inputs` present inputs, up to `optional` more, and one output."""
    count = len(operator.inputs)
    present = count >= inputs and all(operator.inputs[:inputs])
    if not present or count > inputs + optional or len(operator.outputs) != 1:
        raise operator.damaged("it has a wrong number of inputs or outputs")


def tensor(operator: Operator, position: int) -> Tensor:
    """A present input."""
    found = operator.inputs[position]
    if found is None:
        raise operator.damaged(f"its input {position} is absent")
    return found


def require_type(operator: Operator, checked: Tensor, *allowed: str) -> None:
    """The tensor has one of the `allowed` types."""
    if checked.dtype not in allowed:
        raise operator.refuse(WRONG_TYPE, checked, given=checked.dtype, allowed=" or ".join(allowed))


def require_shape(operator: Operator, checked: Tensor, expected: tuple[int, ...]) -> None:
    """The tensor has the `expected` shape."""
    if checked.shape != expected:
        raise operator.damaged(f"its shape is {list(checked.shape)}, not {list(expected)}", checked)


def require_rank(operator: Operator, checked: Tensor, low: int, high: int) -> None:
    """The tensor has `low` to `high` dimensions."""
    if not low <= len(checked.shape) <= high:
        allowed = str(low) if low == high else f"{low} to {high}"
        raise operator.refuse(WRONG_RANK, checked, given=len(checked.shape), allowed=allowed)
