"""A PlatformIO platform that builds with the system's compiler and downloads nothing.

PlatformIO runs SCons from a package of its registry. Where that is not installed but PyPI's `scons` is,
a stand-in package is made in PlatformIO's own folder; a machine that has the real one is left alone.
"""

import importlib.util
import json
import os
from pathlib import Path

from platformio.dependencies import get_core_dependencies
from platformio.package.manager.tool import ToolPackageManager
from platformio.package.meta import PackageSpec
from platformio.platform.base import PlatformBase

RUN_SCONS = "import SCons.Script\n\nSCons.Script.main()\n"


def write(path: Path, text: str) -> None:
    """Write `text`; a build that runs at the same time sees the whole file or none."""
    if path.exists() and path.read_text() == text:
        return
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(path)


class OfflinePlatform(PlatformBase):
    def configure_default_packages(self, options, targets):
        wanted = get_core_dependencies()["tool-scons"]
        spec = PackageSpec(owner="platformio", name="tool-scons", requirements=wanted)
        is_installed = ToolPackageManager().get_package(spec) is not None
        if not is_installed and importlib.util.find_spec("SCons"):
            self.packages["tool-scons"] = {
                "owner": "platformio",
                "version": f"symlink://{self.stand_in(wanted.lstrip('~^='))}",
                "optional": False,
            }
        return super().configure_default_packages(options, targets)

    def stand_in(self, version: str) -> Path:
        """A folder that PlatformIO takes for its SCons package of `version`."""
        folder = Path(self.config.get("platformio", "core_dir"), "earkit-scons", version)
        folder.mkdir(parents=True, exist_ok=True)
        write(folder / "package.json", json.dumps({"name": "tool-scons", "version": version}))
        write(folder / "scons.py", RUN_SCONS)
        return folder
