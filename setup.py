"""What pyproject.toml cannot say: the version, the native modules, and the kit inside the wheel."""

import re
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
KIT = ("platformio.ini", "firmware", "models")


class BuildWithKit(build_py):
    """Put the firmware, the models and platformio.ini into the wheel as `earkit/kit`."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "earkit" / "kit"
        shutil.rmtree(target, ignore_errors=True)
        for name in KIT:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", ".pio"))
            elif source.exists():
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target / name)


VERSION = re.search(r'FIRMWARE_VERSION "([^"]+)"', (ROOT / "firmware/app/console/version.h").read_text())
assert VERSION is not None
setup(
    version=VERSION[1],
    cmdclass={"build_py": BuildWithKit},
    cffi_modules=[
        "host/earkit/core/build_core.py:ffibuilder",
        "host/earkit/simulator/build_counter.py:ffibuilder",
    ],
)
