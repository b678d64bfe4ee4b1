"""One tree of errors. Each is a user's mistake or an outside failure that a person can mend.

`message` says what happened, `hint` what to do; the command line prints both on one line and exits
with status 1. Anything else that is raised is a defect of Earkit and keeps its traceback.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

CHECKOUT = Path(__file__).parents[2]
"""Of the sources, if this is one."""


class EarkitError(Exception):
    """What happened, and what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.message = message
        self.hint = hint


class AudioError(EarkitError):
    """A recording that cannot be read or used."""


class DataError(EarkitError):
    """A data set that is missing, empty or does not fit."""


class ModelError(EarkitError):
    """A model file that is broken, unsupported or does not fit the job."""


class SettingError(EarkitError, ValueError):
    """A setting, or a label, that is out of its range."""


class ToolError(EarkitError):
    """A compiler, PlatformIO or another outside program is missing or failed."""


class LinkError(EarkitError):
    """A port that cannot be opened, or a peer that does not answer or speaks another protocol."""


class SimulatorError(EarkitError):
    """The simulated board cannot run this image, or the image crashed."""


class MissingExtraError(EarkitError):
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
    return MissingExtraError(f"{module.partition('.')[0]} is not installed", install_hint(extra))


def install_hint(extra: str) -> str:
    """The line that installs an extra beside this very package, from any folder.

    Nothing of ours is published. In a checkout the line names its folder; where a wheel was installed, pip
    finds that distribution and adds what is missing.
    """
    ours = CHECKOUT if (CHECKOUT / "pyproject.toml").is_file() else "earkit"
    return f"run: {sys.executable} -m pip install {'-e ' if ours == CHECKOUT else ''}'{ours}[{extra}]'"
