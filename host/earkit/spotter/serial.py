"""A model on a board at a port, which is asked window by window."""

import numpy as np
from numpy.typing import NDArray

from earkit.device.ports import open_port
from earkit.device.session import Session
from earkit.errors import LinkError
from earkit.progress import Progress, silent
from earkit.spotter.model import Engine, one_by_one


def ask(port: str, windows: NDArray[np.int8], labels: tuple[str, ...], progress: Progress = silent) -> Engine:
    """A board whose model is the same: it gets each of `windows`, and what it answered is kept.

    Raises LinkError when it does not answer or its labels are others.
    """
    with Session(open_port(port)) as session:
        if session.board.labels != labels:
            raise LinkError(
                f"the board hears {', '.join(session.board.labels)}, the model {', '.join(labels)}",
                "flash the same model first",
            )
        found = one_by_one(
            lambda window: np.frombuffer(session.infer(window.tobytes()), np.int8), windows, progress
        )
    return Engine(lambda _: found)
