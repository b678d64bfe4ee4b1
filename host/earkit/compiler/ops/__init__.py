"""One file per operator, or for a few that are alike. Each fills OPERATIONS with what it compiles; a new one
starts as a copy of TEMPLATE.py."""

import importlib
import pkgutil

from earkit.compiler.graph import Operator, Refusal
from earkit.compiler.layer import Layer
from earkit.compiler.operation import Operation


def _find() -> dict[str, Operation]:
    found: dict[str, Operation] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name != "TEMPLATE":
            found |= importlib.import_module(f"{__name__}.{module.name}").OPERATIONS
    return dict(sorted(found.items()))


OPERATIONS = _find()
"""By the schema's names, in order."""
UNKNOWN = Refusal("this operator is not supported", f"build the model from {', '.join(OPERATIONS)}")


def compile_operator(operator: Operator, fast: bool = False) -> Layer:
    """The layer of one operator; `fast`: spend flash, twice the weights of a convolution, for fewer
    instructions. Raises ModelError when the operator is damaged or not supported, saying what is."""
    operation = OPERATIONS.get(operator.name)
    if operation is None:
        raise operator.refuse(UNKNOWN)
    operation.check(operator)
    return (operation.fast if fast and operation.fast else operation.compile)(operator)
