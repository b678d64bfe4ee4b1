"""NVMC: flash controller and instruction cache switch; flash itself is not written. nRF52840 PS 4.3."""

from earshot.simulator.peripherals.base import Peripheral


class Nvmc(Peripheral):
    REGISTERS = {0x400: "READY", 0x408: "READYNEXT", 0x504: "CONFIG", 0x508: "ERASEPAGE", 0x50C: "ERASEALL",
                 0x514: "ERASEUICR", 0x518: "ERASEPAGEPARTIAL", 0x51C: "ERASEPAGEPARTIALCFG",
                 0x540: "ICACHECNF", 0x548: "IHIT", 0x54C: "IMISS"}  # fmt: skip
    RESET = {"READY": 1, "READYNEXT": 1}
    READ_ONLY = frozenset({"READY", "READYNEXT"})
