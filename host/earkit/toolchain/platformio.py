"""Build an image with PlatformIO: its command line, as a process of this Python, in Earkit's cache."""

import configparser
import fcntl
import hashlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earkit import paths
from earkit.errors import ToolError
from earkit.files import write_text
from earkit.progress import Progress, silent
from earkit.toolchain import arm

NETWORK = re.compile(r"HTTPClientError|InternetConnectionError|ConnectionError|Name or service not known")
STOP_SECONDS = 5


def build(env: str, model: Path | None = None, progress: Progress = silent) -> Path:
    """Build environment `env` of platformio.ini and return the ELF (or, for `native`, the program).

    `model` is a model's folder as `earkit export` writes it; without one the default model's. All files go
    to the cache, one folder for each kit, environment and model, so builds of different ones may run at the
    same time; two of the same one wait for each other. Needs no network for environments whose platform
    lies in the kit. Raises ToolError with the first error line; the whole output lies in the log that it
    names.
    """
    if model is not None and not (model / "model.c").is_file():
        raise ToolError(
            f"no compiled model in {model}", "make one with: earkit export MODEL.tflite --out DIR"
        )
    if env not in environments():
        raise ToolError(f"there is no [env:{env}]", f"choose one of: {', '.join(environments())}")
    if env != "native" and is_offline(env):
        arm.find_compiler()
    workspace = workspace_of(env, model)
    progress(f"build {env}", 0, 1)
    with only_one(workspace / "lock"):
        status, output = run(env, link_to(model, workspace) if model else None, workspace)
        write_text(workspace / "build.log", output)
    if status != 0:
        raise failure(env, output, workspace / "build.log")
    progress(f"build {env}", 1, 1)
    folder = workspace / "build" / env
    elf = folder / "firmware.elf"
    return elf if elf.exists() else folder / "firmware"


def read_project() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(paths.kit() / "platformio.ini")
    return parser


def environments() -> list[str]:
    """The names of the kit's environments."""
    return [name.removeprefix("env:") for name in read_project().sections() if name.startswith("env:")]


def is_offline(env: str) -> bool:
    """Whether the environment's platform lies in the kit, so that PlatformIO downloads nothing."""
    parser, section = read_project(), f"env:{env}"
    while "platform" not in parser[section]:
        section = parser[section]["extends"]
    return parser[section]["platform"].startswith("symlink://")


def workspace_of(env: str, model: Path | None) -> Path:
    """The folder that holds everything PlatformIO writes for this kit, environment and model."""
    identity = "\n".join([str(paths.kit().resolve()), env, str(model.resolve()) if model else ""])
    return paths.cache("platformio", f"{env}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}")


def variables(env: str, model: Path | None, workspace: Path) -> dict[str, str]:
    """The process environment of PlatformIO: nothing of the user's settings, nothing written to the kit.

    Packages from its registry, some hundred megabytes, go where the user's other projects have them.
    """
    ours = {
        "PLATFORMIO_WORKSPACE_DIR": str(workspace),
        "PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no",
        "PLATFORMIO_SETTING_CHECK_PRUNE_SYSTEM_THRESHOLD": "0",
        "PLATFORMIO_DISABLE_UPGRADE_CHECK": "true",
        "PLATFORMIO_NO_ANSI": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if model is not None:
        ours["EARKIT_MODEL"] = str(model)
    if is_offline(env):
        ours["PLATFORMIO_CORE_DIR"] = str(workspace / "core")
    usual = ("PLATFORMIO_CORE_DIR",)
    kept = {n: value for n, value in os.environ.items() if n in usual or not n.startswith("PLATFORMIO_")}
    return kept | ours


def project(workspace: Path) -> Path:
    """A writable folder that leads to the kit: PlatformIO refuses a project that it could not write to."""
    folder = workspace / "project"
    folder.mkdir(exist_ok=True)
    for name in ("platformio.ini", "firmware", "models"):
        if not (folder / name).exists():
            (folder / name).unlink(missing_ok=True)
            (folder / name).symlink_to(paths.kit().resolve() / name)
    return folder


def link_to(model: Path, workspace: Path) -> Path:
    """The model's folder under a name of our own: SCons gives names to a shell, and a stranger's may hold
    anything."""
    link = workspace / "model"
    link.unlink(missing_ok=True)
    link.symlink_to(model.resolve())
    return link


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Wait until no other process is in this block with the same `lock`."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(env: str, model: Path | None, workspace: Path) -> tuple[int, str]:
    """Run PlatformIO to its end; on Ctrl-C (or any other error) stop it and its compilers first."""
    command = [sys.executable, "-m", "platformio", "run", "-e", env, "-d", str(project(workspace))]
    process = subprocess.Popen(
        command,
        env=variables(env, model, workspace),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        stop(process)
        raise
    return process.returncode, output


def stop(process: "subprocess.Popen[str]") -> None:
    """Interrupt the process and everything that it started; kill what has not ended in time."""
    for number in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def failure(env: str, output: str, log: Path) -> ToolError:
    """What PlatformIO's output says went wrong, in one line."""
    if NETWORK.search(output):
        return ToolError(
            f"[env:{env}] needs packages from PlatformIO's registry, which cannot be reached",
            f"connect to the network once and run: pio run -e {env}",
        )
    return ToolError(f"[env:{env}] does not build: {arm.first_error(output)}", f"all of it is in {log}")
