"""GPIO port: outputs are kept, inputs read what is driven from outside. nRF52840 PS 6.9."""

from earkit.simulator.peripherals.base import Bus, Peripheral, indexed


class Gpio(Peripheral):
    REGISTERS = {0x504: "OUT", 0x508: "OUTSET", 0x50C: "OUTCLR", 0x510: "IN", 0x514: "DIR", 0x518: "DIRSET",
                 0x51C: "DIRCLR", 0x520: "LATCH", 0x524: "DETECTMODE",
                 **indexed(0x700, "PIN_CNF", 32)}  # fmt: skip
    RESET = {f"PIN_CNF{n}": 2 for n in range(32)}

    def __init__(self, bus: Bus, name: str) -> None:
        self.driven = 0
        """Levels that the outside gives to pins that are not outputs."""
        super().__init__(bus, name)

    def is_high(self, pin: int) -> bool:
        """The level at an output pin; a pin that is no output is pulled high, as the board's LEDs are."""
        return not self._direction() >> pin & 1 or bool(self.values["OUT"] >> pin & 1)

    def _direction(self) -> int:
        configured = sum((self.values[f"PIN_CNF{n}"] & 1) << n for n in range(32))
        return self.values["DIR"] | configured

    def read_in(self) -> int:
        direction = self._direction()
        return self.values["OUT"] & direction | self.driven & ~direction

    def read_outset(self) -> int:
        return self.values["OUT"]

    read_outclr = read_outset

    def read_dir(self) -> int:
        return self._direction()

    read_dirset = read_dirclr = read_dir

    def wrote_outset(self, value: int) -> None:
        self.values["OUT"] |= value

    def wrote_outclr(self, value: int) -> None:
        self.values["OUT"] &= ~value

    def wrote_dirset(self, value: int) -> None:
        self.values["DIR"] |= value

    def wrote_dirclr(self, value: int) -> None:
        self.values["DIR"] &= ~value
