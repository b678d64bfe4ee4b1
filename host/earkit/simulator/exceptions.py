"""The Cortex-M4's exceptions: which one runs next, entry with stacking, return with unstacking.

ARMv7-M Architecture Reference Manual: B1.5.6 (entry), B1.5.8 (return), B1.5.4 (priorities). Tail-chaining
and late arrival are left out: they save cycles and change nothing that a program sees.
"""

from collections.abc import Callable

from earkit.errors import SimulatorError
from earkit.simulator.cpu import EXCEPTION_RETURN, Cpu

RESET, NMI, HARD_FAULT, MEM_FAULT, BUS_FAULT, USAGE_FAULT = 1, 2, 3, 4, 5, 6
SVCALL, DEBUG, PENDSV, SYSTICK, FIRST_IRQ = 11, 12, 14, 15, 16
VECTORS = 64
LOWEST = 256
_FIXED = {RESET: -3, NMI: -2, HARD_FAULT: -1}
_ALWAYS_ENABLED = {NMI, HARD_FAULT, SVCALL, DEBUG, PENDSV, SYSTICK}
_CORE_FRAME = ("r0", "r1", "r2", "r3", "r12", "lr", "pc", "xpsr")
_FLOAT_FRAME = tuple(f"s{n}" for n in range(16))
_SPSEL, _FPCA = 2, 4
_UNSTACKING_ERROR, _STACKING_ERROR, _BAD_RETURN = 1 << 11, 1 << 12, 1 << 18
_FORCED = 1 << 30


class Exceptions:
    def __init__(self, cpu: Cpu) -> None:
        self._cpu = cpu
        self.name_of: Callable[[int], str] = hex
        """What messages call an address of code."""
        self.reset()

    def reset(self) -> None:
        self.vector_table = 0
        self.enabled = set(_ALWAYS_ENABLED)
        self.pending: set[int] = set()
        self.active: list[int] = []
        self.lines: set[int] = set()
        self.priorities = [0] * VECTORS
        self.priority_group = 0
        self.event_on_pending = self.sleep_on_exit = False
        self.cfsr = self.hfsr = self.bfar = 0
        self._first_fault = 0

    def priority(self, exception: int) -> int:
        return _FIXED.get(exception, self.priorities[exception])

    def _group(self, priority: int) -> int:
        return (
            priority if priority < 0 else priority >> (self.priority_group + 1) << (self.priority_group + 1)
        )

    def _running(self) -> int:
        """The group priority of what is active, without the mask registers."""
        return min((self._group(self.priority(e)) for e in self.active), default=LOWEST)

    def _base(self) -> int:
        base = self._cpu["basepri"] & 0xFF
        return self._group(base) if base else LOWEST

    def execution_priority(self) -> int:
        """B1.5.4: what an exception must be below to be taken."""
        cpu = self._cpu
        masked = -1 if cpu["faultmask"] & 1 else 0 if cpu["primask"] & 1 else LOWEST
        return min(self._running(), self._base(), masked)

    def _first(self) -> int | None:
        ready = self.pending & self.enabled
        return min(ready, key=lambda e: (self.priority(e), e)) if ready else None

    def set_pending(self, exception: int) -> None:
        self._cpu.event = self._cpu.event or self.event_on_pending
        self.pending.add(exception)
        self._cpu.stop_by(0)

    def set_line(self, exception: int, high: bool) -> None:
        """A peripheral's level-sensitive interrupt line."""
        (self.lines.add if high else self.lines.discard)(exception)
        if high and exception not in self.active:
            self.set_pending(exception)

    def due(self) -> int | None:
        """The exception to enter now, if any."""
        first = self._first()
        if first is not None and self._group(self.priority(first)) < self.execution_priority():
            return first
        return None

    def held_back(self) -> bool:
        """Whether a pending exception waits for a mask register to be cleared, and for nothing else."""
        first = self._first()
        return first is not None and self._group(self.priority(first)) < self._running()

    def wakes(self) -> bool:
        """Whether WFI ends: as `due`, but PRIMASK does not count (B1.5.19)."""
        first = self._first()
        return first is not None and self._group(self.priority(first)) < min(self._running(), self._base())

    def enter(self, exception: int) -> None:
        """Stack the frame and go to the handler."""
        cpu = self._cpu
        control = cpu["control"]
        from_process = not self.active and bool(control & _SPSEL)
        has_float = bool(control & _FPCA)
        frame = self._frame(has_float)
        sp = cpu["sp"]
        top = (sp - len(frame)) & ~7
        try:
            cpu.write(top, frame)
        except SimulatorError:
            exception = self._stack_lost(exception)
        self.pending.discard(exception)
        kind = 0xFFFFFFFD if from_process else 0xFFFFFFF1 if self.active else 0xFFFFFFF9
        cpu["sp"] = top
        self._take(exception, kind & ~(has_float << 4))

    def _frame(self, has_float: bool) -> bytes:
        cpu = self._cpu
        words = [cpu[name] for name in _CORE_FRAME]
        words[7] = words[7] & ~(1 << 9) | (cpu["sp"] >> 2 & 1) << 9
        if has_float:
            words += [cpu[name] for name in _FLOAT_FRAME] + [cpu["fpscr"], 0]
        return b"".join(word.to_bytes(4, "little") for word in words)

    def _stack_lost(self, exception: int) -> int:
        """Stacking failed: which of the fault and `exception` runs first; the other one stays pending."""
        fault = self._escalate(BUS_FAULT, _STACKING_ERROR)
        if self.priority(fault) < self.priority(exception):
            self.pending.add(exception)
            return fault
        if fault != exception:
            self.pending.add(fault)
        return exception

    def _take(self, exception: int, link: int) -> None:
        """Begin the handler, on the main stack; IT bits and floating-point context are cleared."""
        cpu = self._cpu
        cpu["control"] = cpu["control"] & ~(_SPSEL | _FPCA)
        cpu["xpsr"] = 1 << 24 | exception
        cpu["lr"] = link
        self.active.append(exception)
        cpu.event = True
        self._branch(cpu.word(self.vector_table + 4 * exception))

    def _branch(self, address: int) -> None:
        if not address & 1:
            raise SimulatorError(
                f"vector of exception {self.active[-1]} is 0x{address:08x}", "it must be a handler"
            )
        self._cpu["pc"] = address

    def leave(self) -> None:
        """Return from the handler that is running: `pc` holds EXC_RETURN."""
        cpu = self._cpu
        kind = cpu["pc"] | EXCEPTION_RETURN | 1
        if not self.active:
            raise SimulatorError("exception return outside a handler", "the firmware corrupted its stack")
        done = self.active.pop()
        if done != NMI:
            cpu["faultmask"] = 0
        if done in self.lines:
            self.pending.add(done)
        cpu.event = True
        if kind & ~0x10 not in ((0xFFFFFFE1,) if self.active else (0xFFFFFFE9, 0xFFFFFFED)):
            self._take(self._escalate(USAGE_FAULT, _BAD_RETURN), kind)
        else:
            self._pop(kind)

    def _pop(self, kind: int) -> None:
        cpu = self._cpu
        to_process, has_float = kind & 0xF == 0xD, not kind & 0x10
        sp = cpu["psp"] if to_process else cpu["sp"]
        try:
            raw = cpu.read(sp, 4 * (26 if has_float else 8))
        except SimulatorError:
            self._take(self._escalate(BUS_FAULT, _UNSTACKING_ERROR), kind)
            return
        words = [int.from_bytes(raw[i : i + 4], "little") for i in range(0, len(raw), 4)]
        cpu["xpsr"] = words[7] & ~(1 << 9)
        cpu["control"] = cpu["control"] & ~(_SPSEL | _FPCA) | to_process << 1 | has_float << 2
        cpu["sp"] = sp + len(raw) | (words[7] >> 9 & 1) << 2
        for name, word in zip(_CORE_FRAME[:6], words, strict=False):
            cpu[name] = word
        if has_float:
            for name, word in zip((*_FLOAT_FRAME, "fpscr"), words[8:], strict=False):
                cpu[name] = word
        cpu["pc"] = words[6] | 1

    def fault(self, exception: int, status: int) -> None:
        """Take a fault (or SVCall) at once; `status` are its bits of CFSR."""
        if not self.active:
            self._first_fault = self._cpu["pc"]
        self.enter(self._escalate(exception, status))

    def _escalate(self, exception: int, status: int) -> int:
        """HardFault where the handler is off or may not preempt (B1.5.14)."""
        self.cfsr |= status
        level = self.execution_priority()
        if exception in self.enabled and self._group(self.priority(exception)) < level:
            return exception
        if level <= -1:
            raise SimulatorError(
                f"the core locked up: a fault at {self.name_of(self._cpu['pc'])} in the handler of another",
                f"the first one was at {self.name_of(self._first_fault)}",
            )
        self.hfsr |= _FORCED
        return HARD_FAULT
