"""temporal_wide: `temporal` at twice the width, 133,000 parameters. A teacher, too large to ship."""

from typing import Any

from earshot.training.models import temporal

FIT = {"epochs": 50, "passes": 5}
CHANGE = temporal.CHANGE


def layers(window: Any, labels: int) -> Any:
    return temporal.network(window, labels, width=128, first=5, kernels=(3,) * 6, dropout=0.4)
