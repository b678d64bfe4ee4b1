"""Ctrl-C while the CPU runs: an exception raised in one of its callbacks from C would be lost."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_back() -> Iterator[list[FrameType | None]]:
    """Yield a list that is filled by Ctrl-C; what Ctrl-C does follows when the block ends.

    The block should end soon once the list is filled. Outside the main thread, which Ctrl-C never meets,
    and where Ctrl-C is ignored, as in a shell's background job, this does nothing.
    """
    came: list[FrameType | None] = []
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        yield came
        return
    before = signal.signal(signal.SIGINT, lambda _, frame: came.append(frame))
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)
    if came and callable(before):
        before(signal.SIGINT, came[0])
