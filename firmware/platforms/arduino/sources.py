"""Extra script of the Arduino environments: the model's C beside the project's own files."""

import sys
from pathlib import Path

Import("env")  # noqa: F821 (SCons gives it)
env = globals()["env"]
sys.path.insert(0, str(Path(env.subst("$PROJECT_SRC_DIR"), "platforms", "common")))

import project  # noqa: E402

project.add_sources(env, project.read_flags())
