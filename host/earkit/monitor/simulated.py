"""A simulated board in a process of its own, for who has none."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from earkit.errors import LinkError

_URL = re.compile(r"serial port is (\S+)")


@contextmanager
def simulated_board(*arguments: str) -> Iterator[str]:
    """Run `earkit simulate --pty ARGUMENTS` and yield its port's name; end it with the block.

    Raises LinkError with the process's own last words when it ends before it has a port.
    """
    command = [sys.executable, "-u", "-m", "earkit", "simulate", "--pty", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield _port_name(process)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port_name(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        found = _URL.search(line)
        if found:
            return found[1]
        last = line.strip() or last
    raise LinkError(f"the simulated board does not start: {last.removeprefix('earkit: ')}")
