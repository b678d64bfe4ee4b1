"""See ../common/offline.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "common"))

from offline import OfflinePlatform


class Nrf52840Platform(OfflinePlatform):
    pass
