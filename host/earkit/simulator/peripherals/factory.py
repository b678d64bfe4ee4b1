"""FICR and UICR: what the chip says of itself, and its erased user settings. nRF52840 PS 4.4, 4.5."""

from earkit.simulator.peripherals.base import Peripheral, indexed


class Ficr(Peripheral):
    REGISTERS = {0x010: "CODEPAGESIZE", 0x014: "CODESIZE", 0x060: "DEVICEID0", 0x064: "DEVICEID1",
                 0x0A0: "DEVICEADDRTYPE", 0x0A4: "DEVICEADDR0", 0x0A8: "DEVICEADDR1", 0x100: "INFO_PART",
                 0x104: "INFO_VARIANT", 0x108: "INFO_PACKAGE", 0x10C: "INFO_RAM",
                 0x110: "INFO_FLASH"}  # fmt: skip
    RESET = {"CODEPAGESIZE": 4096, "CODESIZE": 256, "DEVICEID0": 0x45415253, "DEVICEID1": 0x484F5421,
             "INFO_PART": 0x52840, "INFO_VARIANT": 0x41414430, "INFO_PACKAGE": 0x2004, "INFO_RAM": 256,
             "INFO_FLASH": 1024}  # fmt: skip
    READ_ONLY = frozenset(REGISTERS.values())


class Uicr(Peripheral):
    REGISTERS = {**indexed(0x014, "NRFFW", 13), 0x200: "PSELRESET0", 0x204: "PSELRESET1", 0x208: "APPROTECT",
                 0x20C: "NFCPINS", 0x210: "DEBUGCTRL", 0x304: "REGOUT0"}  # fmt: skip
    RESET = dict.fromkeys(REGISTERS.values(), 0xFFFFFFFF)
    READ_ONLY = frozenset(REGISTERS.values())
