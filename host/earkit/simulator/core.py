"""A whole Cortex-M4: the processor with its exceptions, faults and sleep, one step after another.

Known to differ from silicon, because Unicorn's core does: no trap of division by zero and of unaligned
access, no fault for an FPU that is switched off, no unprivileged mode and no MPU.
"""

from collections.abc import Callable

from earkit.simulator.clock import Clock
from earkit.simulator.cpu import Cpu, Stop
from earkit.simulator.exceptions import BUS_FAULT, SVCALL, USAGE_FAULT, Exceptions

_FETCH_ERROR, _PRECISE_ERROR = 1 << 8, 1 << 9 | 1 << 15
_UNDEFINED, _NOT_THUMB = 1 << 16, 1 << 17


class Core:
    """`breakpoint` is called with the program counter at a BKPT, and moves it on or raises."""

    def __init__(self, breakpoint: Callable[[], None]) -> None:
        self.cpu = Cpu()
        self.clock = Clock(self.cpu)
        self.exceptions = Exceptions(self.cpu)
        self._breakpoint = breakpoint
        self._sleeping: Stop | None = None

    def reset(self, vector_table: int) -> None:
        """As at power-on, but for memory, time and the count of instructions."""
        cpu = self.cpu
        self._sleeping = None
        self.exceptions.reset()
        self.exceptions.vector_table = vector_table
        cpu.event = False
        for register in ("primask", "basepri", "faultmask", "control"):
            cpu[register] = 0
        cpu["xpsr"] = 1 << 24
        cpu["msp"] = cpu["sp"] = cpu.word(vector_table)
        cpu["lr"] = 0xFFFFFFFF
        cpu["pc"] = cpu.word(vector_table + 4)

    def step(self, end: int) -> None:
        """Enter the exception that is due, or sleep or execute until the next event, at most to `end`."""
        exception = self.exceptions.due()
        if self.clock.now < self.clock.halted_until:
            self.clock.sleep_until(min(self.clock.next, end, self.clock.halted_until))
        elif exception is not None:
            self._sleeping = None
            self.exceptions.enter(exception)
        elif self._sleeping is not None and not self._wakes():
            self.clock.sleep_until(min(self.clock.next, end))
        else:
            self._sleeping = None
            self._execute(min(self.clock.next, end))

    def _wakes(self) -> bool:
        by_event = self._sleeping is Stop.WAIT_FOR_EVENT and self.cpu.take_event()
        return by_event or self.exceptions.wakes()

    def _execute(self, until: int) -> None:
        """A pending exception behind a mask register wants a look after every block."""
        masked = self.exceptions.held_back()
        stop = self.cpu.run(self.cpu.count + 1 if masked else until - self.clock.asleep)
        if stop is Stop.WAIT_FOR_INTERRUPT:
            self._sleeping = stop
        elif stop is Stop.WAIT_FOR_EVENT:
            self._sleeping = None if self.cpu.take_event() else stop
        elif stop is Stop.EXCEPTION_RETURN:
            self._return()
        elif stop is Stop.SUPERVISOR_CALL:
            self.exceptions.fault(SVCALL, 0)
        elif stop is Stop.BREAKPOINT:
            self._breakpoint()
        elif stop is not Stop.DEADLINE:
            self._fault(stop)

    def _return(self) -> None:
        self.exceptions.leave()
        if self.exceptions.sleep_on_exit and not self.exceptions.active:
            self._sleeping = Stop.WAIT_FOR_INTERRUPT

    def _fault(self, stop: Stop) -> None:
        if stop is Stop.BAD_MEMORY:
            self.exceptions.bfar = self.cpu.fault_address
            self.exceptions.fault(BUS_FAULT, _PRECISE_ERROR)
        elif stop is Stop.BAD_FETCH:
            self.exceptions.fault(BUS_FAULT, _FETCH_ERROR)
        else:
            self.exceptions.fault(USAGE_FAULT, _NOT_THUMB if stop is Stop.NOT_THUMB else _UNDEFINED)
