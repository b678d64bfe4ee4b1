"""UICR: the user's settings of the chip, such as which pin resets it. nRF52840 PS 4.5.

They are a page of flash: the NVMC lets them be written, erases them, and keeps them over a reset.
"""

from earkit.simulator.peripherals.base import Bus, Peripheral
from earkit.simulator.peripherals.nvmc import Nvmc


class Uicr(Peripheral):
    def __init__(self, bus: Bus, name: str, nvmc: Nvmc) -> None:
        self._nvmc = nvmc
        super().__init__(bus, name)

    def read(self, offset: int) -> int:
        return int.from_bytes(self._nvmc.uicr[offset : offset + 4], "little")

    def write(self, offset: int, value: int) -> None:
        self._nvmc.write_uicr(offset, value & 0xFFFFFFFF)
