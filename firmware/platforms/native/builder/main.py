"""Build the firmware as a program for this computer."""

import sys
from pathlib import Path

from SCons.Script import Default, DefaultEnvironment

env = DefaultEnvironment()
sys.path.insert(0, str(Path(env.PioPlatform().get_dir()).parent / "common"))

import project  # noqa: E402

project.require_tool(env, "gcc", "run: sudo apt-get install gcc")
flags = project.read_flags()
env.Replace(CC="gcc", LINK="gcc", PROGNAME="firmware")
env.Append(CCFLAGS=["-std=gnu11", "-g", *flags["warnings"]], LIBS=["m"])
project.add_sources(env, flags)
Default(env.BuildProgram())
