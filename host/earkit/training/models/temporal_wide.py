"""temporal_wide: `temporal` with 38,000 parameters, for more words."""

from typing import Any

from earkit.training.models import temporal

FIT = temporal.FIT
CHANGE = {**temporal.CHANGE, "mask": 0, "channels": 0, "loudness": 3}


def layers(window: Any, labels: int) -> Any:
    return temporal.network(window, labels, places=(24, 40, 48, 64), width=80)
