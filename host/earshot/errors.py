"""One tree of errors. Each is a user's mistake or an outside failure that a person can mend.

`message` says what happened, `hint` what to do; the command line prints both on one line and exits
with status 1. Anything else that is raised is a defect of Earshot and keeps its traceback.
"""

import importlib
import importlib.util
from types import ModuleType


class EarshotError(Exception):
    """What happened, and what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.message = message
        self.hint = hint


class AudioError(EarshotError):
    """A recording that cannot be read or used."""


class DataError(EarshotError):
    """A data set that is missing, empty or does not fit."""


class ModelError(EarshotError):
    """A model file that is broken, unsupported or does not fit the job."""


class ToolError(EarshotError):
    """A compiler, PlatformIO or another outside program is missing or failed."""


class LinkError(EarshotError):
    """A port that cannot be opened, or a peer that does not answer or speaks another protocol."""


class SimulatorError(EarshotError):
    """The simulated board cannot run this image, or the image crashed."""


class MissingExtraError(EarshotError):
    """An optional dependency is not installed."""


def require(module: str, extra: str) -> ModuleType:
    """Import `module`, or say which extra brings it.

    Raises MissingExtraError with the pip line to run when it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise _missing(error.name or module, extra) from error


def require_all(extra: str, *modules: str) -> None:
    """Raise MissingExtraError when one of the top-level `modules` is not installed.

    Imports none of them: for saying so at once rather than after minutes of work.
    """
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise _missing(module, extra)


def _missing(module: str, extra: str) -> MissingExtraError:
    return MissingExtraError(
        f"{module.partition('.')[0]} is not installed", f"run: pip install 'earshot[{extra}]'"
    )
