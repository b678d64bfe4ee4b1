"""What every operator checks first."""

from earkit.compiler.graph import Operator, Tensor


def require_counts(operator: Operator, inputs: int, optional: int = 0) -> None:
    """The operator has `inputs` present inputs, up to `optional` more, and one output."""
    count = len(operator.inputs)
    present = count >= inputs and all(operator.inputs[:inputs])
    if not present or count > inputs + optional or len(operator.outputs) != 1:
        raise operator.error("it has a wrong number of inputs or outputs", "export or copy the model again")


def tensor(operator: Operator, position: int) -> Tensor:
    """A present input."""
    found = operator.inputs[position]
    if found is None:
        raise operator.error(f"its input {position} is absent", "export or copy the model again")
    return found


def require_type(operator: Operator, checked: Tensor, *allowed: str) -> None:
    """The tensor has one of the `allowed` types."""
    if checked.dtype not in allowed:
        todo = "convert the model with full int8 quantisation" if "int8" in allowed else "convert it again"
        raise operator.error(
            f"{checked.dtype} is not supported here, only {' or '.join(allowed)}", todo, checked
        )


def require_shape(operator: Operator, checked: Tensor, expected: tuple[int, ...]) -> None:
    """The tensor has the `expected` shape."""
    if checked.shape != expected:
        raise operator.error(
            f"its shape is {list(checked.shape)}, not {list(expected)}",
            "export or copy the model again",
            checked,
        )


def require_rank(operator: Operator, checked: Tensor, low: int, high: int) -> None:
    """The tensor has `low` to `high` dimensions."""
    if not low <= len(checked.shape) <= high:
        wanted = str(low) if low == high else f"{low} to {high}"
        raise operator.error(
            f"it has {len(checked.shape)} dimensions, not {wanted}", "reshape it in the model", checked
        )
