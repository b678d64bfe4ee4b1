"""From a model's name to a board image: what everything that runs firmware needs first."""

import hashlib
from pathlib import Path

from earkit import __version__, paths
from earkit.compiler.export import export_model
from earkit.errors import ModelError
from earkit.progress import Progress, silent
from earkit.spotter.model import DEFAULT_MODEL, find_model
from earkit.toolchain import platformio


def export_cached(model: Path, progress: Progress = silent) -> Path:
    """The model's folder (docs/design.md), exported into the cache unless it lies there already."""
    try:
        content = model.read_bytes()
    except OSError as error:
        raise ModelError(f"cannot read {model}: {error.strerror}", "check the name") from error
    digest = hashlib.sha256(__version__.encode() + model.stem.encode() + content).hexdigest()
    folder = paths.cache("exports", digest[:16])
    if paths.is_checkout() or not (folder / "report.json").is_file():
        export_model(model, folder, progress=progress)
    return folder


def model_folder(model: str | Path, progress: Progress = silent) -> Path:
    """The folder of C that MODEL means: an exported folder, a .tflite file or a shipped model's name."""
    return Path(model) if Path(model).is_dir() else export_cached(find_model(model), progress)


def build_image(model: str | Path = DEFAULT_MODEL, env: str = "sim", progress: Progress = silent) -> Path:
    """The ELF of environment `env` with `model` inside."""
    return platformio.build(env, model_folder(model, progress), progress)
