"""Build the firmware as an ELF for the nRF52840, with Intel HEX beside it."""

import sys
from pathlib import Path

from SCons.Script import AlwaysBuild, Default, DefaultEnvironment

env = DefaultEnvironment()
platform_folder = Path(env.PioPlatform().get_dir())
sys.path.insert(0, str(platform_folder.parent / "common"))

import project  # noqa: E402

INSTALL = "run: sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi"

project.require_tool(env, "arm-none-eabi-gcc", INSTALL)
flags = project.read_flags()
places = {name: env.BoardConfig().get(f"build.{name}") for name in ("flash_start", "store_pages")}

env.Replace(
    CC="arm-none-eabi-gcc",
    AR="arm-none-eabi-ar",
    RANLIB="arm-none-eabi-ranlib",
    LINK="arm-none-eabi-gcc",
    SIZETOOL="arm-none-eabi-size",
    SIZEPROGREGEXP=r"^\.(?:text|data|ARM\.exidx)\s+(\d+).*",
    SIZEDATAREGEXP=r"^\.(?:stack|data|bss|noinit)\s+(\d+).*",
    SIZECHECKCMD="$SIZETOOL -A -d $SOURCES",
    PROGNAME="firmware",
    PROGSUFFIX=".elf",
    LDSCRIPT_PATH=str(Path(env.subst("$PROJECT_SRC_DIR"), "boards", "nrf52840", "nrf52840.ld")),
)
env.Append(
    CCFLAGS=[*flags["cpu"], *flags["c"], *flags["warnings"]],
    LINKFLAGS=[
        *flags["cpu"],
        *flags["link"],
        "-Wl,--gc-sections",
        *(f"-Wl,--defsym={name}={place}" for name, place in places.items()),
        "-Wl,-Map=${TARGET.base}.map",
    ],
    LIBS=["m"],
)
project.add_sources(env, flags)

program = env.BuildProgram()
env.Depends(program, env.subst("$LDSCRIPT_PATH"))
image = env.Command(
    "$BUILD_DIR/${PROGNAME}.hex",
    program,
    env.VerboseAction("arm-none-eabi-objcopy -O ihex $SOURCE $TARGET", "Writing $TARGET"),
)
AlwaysBuild(env.Alias("nobuild", image))
Default([program, image])
