"""What all builders do: find the model, compile each of our files at its optimisation level."""

import json
import os
import shutil
import sys
from pathlib import Path

DEFAULT_MODEL = "models/micro_speech/c"
MODEL_SOURCES = {
    "compiled": "+<model.c> +<model_info.c>",
    "tflm": "+<model_data.c> +<model_info.c>",
}
"""By engine."""


def stop(env, message):
    """End the build with one line."""
    sys.stderr.write(f"Error: {message}\n")
    env.Exit(1)


def require_tool(env, name, hint):
    """End the build unless the program `name` is in the PATH. Returns its path."""
    found = shutil.which(name, path=env["ENV"]["PATH"])
    if found is None:
        stop(env, f"{name} is not installed; {hint}")
    return found


def read_flags():
    """The one place of the compiler flags (also read by earkit.toolchain.arm)."""
    return json.loads((Path(__file__).parents[1] / "nrf52840" / "flags.json").read_text())


def add_sources(env, flags):
    """Add the model's C and set each file's optimisation level; PlatformIO finds the project's own files."""
    source, model = Path(env.subst("$PROJECT_SRC_DIR")), model_folder(env)
    small = [source / folder for folder in flags["small_parts"]]

    def at_its_level(env, node):
        path = Path(node.srcnode().get_abspath())
        if not path.is_relative_to(source) and not path.is_relative_to(model):
            return node  # a framework's
        level = flags["small"] if any(path.is_relative_to(folder) for folder in small) else flags["fast"]
        return env.Object(node, CPPFLAGS=[*env.get("CPPFLAGS", []), level])  # after all of CCFLAGS

    env.AddBuildMiddleware(at_its_level, "*.c")
    env.Append(CPPPATH=[source / "core", source / "boards", model])
    engine = env.GetProjectOption("custom_engine", "compiled")
    env.BuildSources("$BUILD_DIR/model", str(model), MODEL_SOURCES[engine])


def model_folder(env):
    """The folder that EARKIT_MODEL names, or the environment's own model's, or the default model's."""
    named = os.environ.get("EARKIT_MODEL")
    usual = env.GetProjectOption("custom_model", DEFAULT_MODEL)
    folder = Path(named) if named else Path(env.subst("$PROJECT_DIR"), usual)
    if not (folder / "model.c").is_file():
        stop(env, f"no compiled model in {folder}; make one with: earkit export MODEL.tflite --out DIR")
    return folder.absolute()  # a link stays one: its name is safe, what it leads to may not be
