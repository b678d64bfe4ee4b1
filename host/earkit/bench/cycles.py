"""An estimate of the cycles that a call takes on the real Cortex-M4, from what the simulated one ran.

Instructions are exact, cycles are not: the table is that of the Cortex-M4 Technical Reference Manual (r0p1,
3.3.1), with these simplifications. A taken branch refills the pipeline in 2 cycles (1 to 3). Loads and stores
that follow one another overlap. A division takes 7 (2 to 12). Instructions come from the nRF52840's cache
without waiting; data in flash (weights, tables, literals) does not pass it and waits 2 cycles (from memory of
the nRF52840 Product Specification, 4.1: 0 to 2 wait states).
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from earkit.toolchain.arm import find_compiler

if TYPE_CHECKING:
    from earkit.simulator.probe import Profile

REFILL = 2
FLASH_WAIT = 2

CYCLES = (
    (re.compile(r"(u|s)div"), 7),
    (re.compile(r"v(div|sqrt)"), 14),
    (re.compile(r"vf?n?ml[as]"), 3),
    (re.compile(r"(mla|mls)$"), 2),
    (re.compile(r"(tbb|tbh)"), 2),
)
"""By mnemonic; everything else that is no load or store takes one."""
SINGLE_LOAD = re.compile(r"v?ldr(?!d)")
SINGLE_STORE = re.compile(r"v?str(?!d)")
MULTIPLE = re.compile(r"ldm|stm|push|pop|vldm|vstm|vpush|vpop")
DOUBLE = re.compile(r"ldrd|strd")
LINE = re.compile(r"^ *([0-9a-f]+):\t[0-9a-f ]+\t(\S+)\t?(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Instruction:
    mnemonic: str
    operands: str

    @property
    def touches_memory(self) -> bool:
        return bool(SINGLE_LOAD.match(self.mnemonic) or SINGLE_STORE.match(self.mnemonic))


def disassemble(elf: Path) -> dict[int, Instruction]:
    """By address. Raises ToolError without the Arm compiler."""
    objdump = find_compiler().with_name("arm-none-eabi-objdump")
    listing = subprocess.run([objdump, "-d", elf], capture_output=True, text=True, check=True).stdout
    return {int(at, 16): Instruction(name, rest) for at, name, rest in LINE.findall(listing)}


def estimate(profile: "Profile", code: dict[int, Instruction]) -> int:
    """Cycles of the call."""
    cycles = REFILL * profile.jumps + FLASH_WAIT * profile.flash_reads
    addresses = sorted(profile.runs)
    for before, at in zip([-1, *addresses], addresses, strict=False):
        follows = before in code and code[before].touches_memory and at - before <= 4
        cycles += profile.runs[at] * cycles_of(code[at], follows)
    return cycles


def cycles_of(instruction: Instruction, follows_memory: bool) -> int:
    """Of one instruction; taken branches and waiting are counted apart. `follows_memory`: a load or store is
    before it."""
    name = instruction.mnemonic
    if DOUBLE.match(name):
        return 3
    if MULTIPLE.match(name):
        return 1 + registers(instruction.operands)
    if SINGLE_LOAD.match(name):
        return 1 if follows_memory else 2
    return next((cycles for pattern, cycles in CYCLES if pattern.match(name)), 1)


def registers(operands: str) -> int:
    """How many registers a list such as {r4, r5, r6-r8, pc} names."""
    listed = operands[operands.find("{") + 1 : operands.find("}")]
    total = 0
    for item in listed.split(","):
        first, _, last = item.strip().partition("-")
        total += int(last.strip("rsd")) - int(first.strip("rsd")) + 1 if last else 1
    return total
