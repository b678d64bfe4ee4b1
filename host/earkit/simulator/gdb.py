"""GDB's remote protocol on a loopback TCP port, for `target remote`.

GDB manual, appendix E; registers as in its feature org.gnu.gdb.arm.m-profile.
"""

import select
import socket
from collections.abc import Callable

from earkit.errors import LinkError, SimulatorError
from earkit.simulator.board import SimulatedBoard
from earkit.simulator.debugger import Debugger

_REGISTERS = (*(f"r{n}" for n in range(13)), "sp", "lr", "pc", "xpsr")
_TARGET = (
    '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0">'
    '<architecture>arm</architecture><feature name="org.gnu.gdb.arm.m-profile">'
    + "".join(f'<reg name="{name}" bitsize="32"/>' for name in _REGISTERS)
    + "</feature></target>"
)
_TRAPPED, _INTERRUPTED = "S05", "S02"
_BREAK = b"\x03"
_ERROR = "E01"


class GdbServer:
    """One client at a time. `port` 0 takes a free one."""

    def __init__(self, board: SimulatedBoard, port: int = 0) -> None:
        self._cpu = board.cpu
        self._debugger = Debugger(board)
        try:
            self._listener = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise LinkError(f"cannot listen on port {port}: {error.strerror}", "choose another") from error
        self.port: int = self._listener.getsockname()[1]

    def close(self) -> None:
        self._listener.close()

    def serve(self) -> None:
        """Wait for GDB and do what it says until it detaches, kills or goes away."""
        self._client, _ = self._listener.accept()
        self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._client:
            try:
                while (packet := self._receive()) is not None and packet[:1] not in ("D", "k"):
                    self._send(self._answer(packet))
                if packet and packet[0] == "D":
                    self._send("OK")
            except ConnectionError:
                return

    def _receive(self) -> str | None:
        """The next packet's content, acknowledged; None when the client is gone."""
        byte = b""
        while byte != b"$":
            byte = self._client.recv(1)
            if not byte:
                return None
        content = bytearray()
        while (byte := self._client.recv(1)) not in (b"#", b""):
            content += byte
        self._client.recv(2)  # TCP needs no checksum
        self._client.sendall(b"+")
        return content.decode("latin-1")

    def _send(self, content: str) -> None:
        data = content.encode("latin-1")
        self._client.sendall(b"$" + data + b"#%02x" % (sum(data) & 0xFF))

    def _interrupted(self) -> bool:
        """Whether GDB sent Ctrl-C, or went away."""
        if not select.select([self._client], [], [], 0)[0]:
            return False
        return self._client.recv(1) in (_BREAK, b"")

    def _answer(self, packet: str) -> str:
        handlers: dict[str, Callable[[str], str]] = {
            "?": lambda _: _TRAPPED, "H": lambda _: "OK", "q": self._query,
            "g": lambda _: "".join(map(self._register, range(len(_REGISTERS)))), "G": self._write_registers,
            "p": lambda rest: self._register(int(rest, 16)), "P": self._write_register,
            "m": self._read_memory, "M": self._write_memory,
            "Z": self._add_breakpoint, "z": self._remove_breakpoint, "s": self._step, "c": self._continue,
        }  # fmt: skip
        handler = handlers.get(packet[:1])
        try:
            return handler(packet[1:]) if handler else ""
        except (SimulatorError, ValueError, IndexError):
            return _ERROR

    def _query(self, rest: str) -> str:
        if rest.startswith("Supported"):
            return "PacketSize=1000;qXfer:features:read+"
        if rest.startswith("Xfer:features:read:target.xml:"):
            offset, length = (int(part, 16) for part in rest.rpartition(":")[2].split(","))
            part = _TARGET[offset : offset + length]
            return ("m" if offset + length < len(_TARGET) else "l") + part
        return "1" if rest == "Attached" else ""

    def _register(self, number: int) -> str:
        return self._cpu[_REGISTERS[number]].to_bytes(4, "little").hex()

    def _write_register(self, rest: str) -> str:
        number, _, value = rest.partition("=")
        name, word = _REGISTERS[int(number, 16)], int.from_bytes(bytes.fromhex(value), "little")
        self._cpu[name] = word | 1 if name == "pc" else word
        return "OK"

    def _write_registers(self, rest: str) -> str:
        for number in range(len(rest) // 8):
            self._write_register(f"{number:x}={rest[8 * number : 8 * number + 8]}")
        return "OK"

    def _read_memory(self, rest: str) -> str:
        address, count = (int(part, 16) for part in rest.split(","))
        return self._cpu.read(address, count).hex()

    def _write_memory(self, rest: str) -> str:
        place, _, content = rest.partition(":")
        self._cpu.write(int(place.split(",")[0], 16), bytes.fromhex(content))
        return "OK"

    def _add_breakpoint(self, rest: str) -> str:
        kind, address, *_ = rest.split(",")
        if kind not in "01":
            return ""
        self._debugger.add_breakpoint(int(address, 16))
        return "OK"

    def _remove_breakpoint(self, rest: str) -> str:
        kind, address, *_ = rest.split(",")
        if kind not in "01":
            return ""
        self._debugger.remove_breakpoint(int(address, 16))
        return "OK"

    def _step(self, _rest: str) -> str:
        return self._go(self._debugger.step)

    def _continue(self, _rest: str) -> str:
        return self._go(self._debugger.resume)

    def _go(self, move: Callable[[Callable[[], bool]], None]) -> str:
        """Move the board on; SIGINT when GDB asked for it, else SIGTRAP."""
        asked = False

        def interrupted() -> bool:
            nonlocal asked
            asked = self._interrupted()
            return asked

        move(interrupted)
        return _INTERRUPTED if asked else _TRAPPED
