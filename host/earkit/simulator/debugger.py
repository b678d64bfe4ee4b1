"""Stopping the simulated board at an instruction: breakpoints and single steps.

A stop keeps the instruction count exact: what the block counter took for the rest of its block is given
back.
"""

from collections.abc import Callable
from typing import Any

from earkit.errors import require
from earkit.simulator.board import SimulatedBoard

_SLICE = 640_000
"""Cycles between two looks at whether somebody wants to interrupt."""


class Debugger:
    def __init__(self, board: SimulatedBoard) -> None:
        self.board = board
        self._unicorn: Any = require("unicorn", "sim")
        self._hooks: dict[int, Any] = {}
        self._stopped = False
        self._stepping = False
        self._begun = False

    def add_breakpoint(self, address: int) -> None:
        if address not in self._hooks:
            self._hooks[address] = self._hook(self._on_breakpoint, address, address)

    def remove_breakpoint(self, address: int) -> None:
        if address in self._hooks:
            self._unhook(self._hooks.pop(address))

    def step(self, interrupted: Callable[[], bool]) -> None:
        """Execute one instruction (and enter the exceptions that come before it)."""
        self._stepping, self._begun = True, False
        hook = self._hook(self._on_step, 1, 0)
        try:
            self._run(interrupted)
        finally:
            self._stepping = False
            self._unhook(hook)

    def resume(self, interrupted: Callable[[], bool]) -> None:
        """Run to the next breakpoint, or until `interrupted()`."""
        if self.board.cpu["pc"] in self._hooks:
            self.step(interrupted)
            if self.board.cpu["pc"] in self._hooks:
                return
        self._run(interrupted)

    def _run(self, interrupted: Callable[[], bool]) -> None:
        self._stopped = False
        look = self.board.clock.now + _SLICE
        while not self._stopped:
            self.board.step(look)
            if self.board.clock.now >= look:
                look += _SLICE
                if interrupted():
                    return

    def _hook(self, function: Callable[..., None], begin: int, end: int) -> Any:
        uc = self.board.cpu.uc
        handle = uc.hook_add(self._unicorn.UC_HOOK_CODE, function, begin=begin, end=end)
        uc.ctl_flush_tb()
        return handle

    def _unhook(self, handle: Any) -> None:
        self.board.cpu.uc.hook_del(handle)
        self.board.cpu.uc.ctl_flush_tb()

    def _on_breakpoint(self, _uc: Any, address: int, *_: object) -> None:
        if not self._stepping:
            self._stop(address)

    def _on_step(self, _uc: Any, address: int, *_: object) -> None:
        if self._begun:
            self._stop(address)
        self._begun = True

    def _stop(self, address: int) -> None:
        cpu = self.board.cpu
        if not self._stopped:
            self._stopped = True
            cpu.uncount(address)
            cpu.stop_by(0)
            cpu.uc.emu_stop()
