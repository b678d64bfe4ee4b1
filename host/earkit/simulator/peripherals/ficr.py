"""FICR: what the chip says of itself. nRF52840 PS 4.4."""

from earkit.simulator.peripherals.base import Peripheral
from earkit.simulator.peripherals.temp import CALIBRATION


class Ficr(Peripheral):
    """Nordic's start-up code asks the two ERRATA registers, which the PS does not name, what to work around.

    They read 0 here: this chip has no errata.
    """

    REGISTERS = {0x010: "CODEPAGESIZE", 0x014: "CODESIZE", 0x060: "DEVICEID0", 0x064: "DEVICEID1",
                 0x0A0: "DEVICEADDRTYPE", 0x0A4: "DEVICEADDR0", 0x0A8: "DEVICEADDR1", 0x100: "INFO_PART",
                 0x104: "INFO_VARIANT", 0x108: "INFO_PACKAGE", 0x10C: "INFO_RAM",
                 0x110: "INFO_FLASH", 0x130: "ERRATA_PART", 0x134: "ERRATA_REVISION",
                 **{0x404 + 4 * i: f"TEMP_{name}" for i, name in enumerate(CALIBRATION)}}  # fmt: skip
    RESET = {"CODEPAGESIZE": 4096, "CODESIZE": 256, "DEVICEID0": 0x4541524B, "DEVICEID1": 0x49542121,
             "INFO_PART": 0x52840, "INFO_VARIANT": 0x41414430, "INFO_PACKAGE": 0x2004, "INFO_RAM": 256,
             "INFO_FLASH": 1024,
             **{f"TEMP_{name}": value for name, value in CALIBRATION.items()}}  # fmt: skip
    READ_ONLY = frozenset(REGISTERS.values())
