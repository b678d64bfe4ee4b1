"""UARTE: serial port with EasyDMA, paced by its baud register. nRF52840 PS 6.34."""

from collections import deque
from collections.abc import Callable

from earkit.simulator.clock import HERTZ, Event
from earkit.simulator.peripherals.base import Bus, Peripheral

BAUDS = {0x0004F000: 1200, 0x0009D000: 2400, 0x0013B000: 4800, 0x00275000: 9600, 0x003AF000: 14400,
         0x004EA000: 19200, 0x0075C000: 28800, 0x00800000: 31250, 0x009D0000: 38400, 0x00E50000: 56000,
         0x00EB0000: 57600, 0x013A9000: 76800, 0x01D60000: 115200, 0x03B00000: 230400, 0x04000000: 250000,
         0x07400000: 460800, 0x0F000000: 921600, 0x10000000: 1000000}  # fmt: skip
_BITS_PER_BYTE = 10
_FIFO = 6
_ENABLED = 8
_OVERRUN = 1


class Uarte(Peripheral):
    TASKS = {0x000: "STARTRX", 0x004: "STOPRX", 0x008: "STARTTX", 0x00C: "STOPTX", 0x02C: "FLUSHRX"}
    EVENTS = {0x100: "CTS", 0x104: "NCTS", 0x108: "RXDRDY", 0x110: "ENDRX", 0x11C: "TXDRDY", 0x120: "ENDTX",
              0x124: "ERROR", 0x144: "RXTO", 0x14C: "RXSTARTED", 0x150: "TXSTARTED",
              0x158: "TXSTOPPED"}  # fmt: skip
    REGISTERS = {0x480: "ERRORSRC", 0x500: "ENABLE", 0x508: "PSELRTS", 0x50C: "PSELTXD", 0x510: "PSELCTS",
                 0x514: "PSELRXD", 0x524: "BAUDRATE", 0x534: "RXDPTR", 0x538: "RXDMAXCNT",
                 0x53C: "RXDAMOUNT", 0x544: "TXDPTR", 0x548: "TXDMAXCNT", 0x54C: "TXDAMOUNT",
                 0x56C: "CONFIG"}  # fmt: skip
    RESET = {"BAUDRATE": 0x04000000, "PSELRTS": 0xFFFFFFFF, "PSELTXD": 0xFFFFFFFF, "PSELCTS": 0xFFFFFFFF,
             "PSELRXD": 0xFFFFFFFF}  # fmt: skip
    READ_ONLY = frozenset({"ERRORSRC", "RXDAMOUNT", "TXDAMOUNT"})
    SHORTCUTS = {5: ("ENDRX", "STARTRX"), 6: ("ENDRX", "STOPRX")}

    def __init__(self, bus: Bus, name: str, irq: int, sent: Callable[[bytes], None]) -> None:
        self._sent = sent
        self._incoming: deque[int] = deque()
        self._arriving = False
        super().__init__(bus, name, irq)

    def reset(self) -> None:
        super().reset()
        self._fifo: deque[int] = deque()
        self._receiving = False
        self._pointer = self._room = self._stored = 0
        self._leaving = b""
        self._began = 0
        self._transmitting: Event | None = None
        self._stopping = False
        self._arriving = False

    @property
    def baud(self) -> int:
        """Bits a second; 250000 after reset."""
        value = self.values["BAUDRATE"]
        return BAUDS.get(value) or max(1, value * 16_000_000 >> 32)

    @property
    def waiting(self) -> int:
        """Bytes from outside that have not reached the pin yet."""
        return len(self._incoming)

    def feed(self, data: bytes) -> None:
        """Bytes from outside; they arrive one after another at the port's own speed."""
        self._incoming.extend(data)
        self._arrive_next()

    def _byte_cycles(self) -> int:
        return HERTZ * _BITS_PER_BYTE // self.baud

    def _arrive_next(self) -> None:
        if self._incoming and not self._arriving:
            self._arriving = True
            self.bus.clock.after(self._byte_cycles(), self._arrive)

    def _arrive(self) -> None:
        self._arriving = False
        byte = self._incoming.popleft()
        if self.values["ENABLE"] & 0xF == _ENABLED and self.values["PSELRXD"] >> 31 == 0:
            self._receive(byte)
        self._arrive_next()

    def _receive(self, byte: int) -> None:
        if self._receiving:
            self._store(byte)
        elif len(self._fifo) < _FIFO:
            self._fifo.append(byte)
        else:
            self.values["ERRORSRC"] |= _OVERRUN
            self.raise_event("ERROR")

    def _store(self, byte: int) -> None:
        self.bus.cpu.write(self._pointer + self._stored, bytes([byte]))
        self._stored += 1
        self.raise_event("RXDRDY")
        if self._stored >= self._room:
            self._end_receive()

    def _end_receive(self) -> None:
        self._receiving = False
        self.values["RXDAMOUNT"] = self._stored
        self.raise_event("ENDRX")

    def wrote_errorsrc(self, value: int) -> None:
        self.values["ERRORSRC"] &= ~value

    def task_startrx(self) -> None:
        self.check_ram(self.values["RXDPTR"], self.values["RXDMAXCNT"])
        self._pointer, self._room, self._stored = self.values["RXDPTR"], self.values["RXDMAXCNT"], 0
        self._receiving = True
        self.raise_event("RXSTARTED")
        while self._fifo and self._receiving:
            self._store(self._fifo.popleft())

    def task_stoprx(self) -> None:
        if self._receiving:
            self._end_receive()
        self.bus.clock.after(self._byte_cycles(), lambda: self.raise_event("RXTO"))

    def task_flushrx(self) -> None:
        count = min(len(self._fifo), self.values["RXDMAXCNT"])
        self.bus.cpu.write(self.values["RXDPTR"], bytes(self._fifo.popleft() for _ in range(count)))
        self.values["RXDAMOUNT"] = count
        self.raise_event("ENDRX")

    def task_starttx(self) -> None:
        if self.values["ENABLE"] & 0xF != _ENABLED:
            self.bus.warn(f"{self.name}: STARTTX while it is not enabled")
            return
        self.check_ram(self.values["TXDPTR"], self.values["TXDMAXCNT"])
        self._leaving = self.bus.cpu.read(self.values["TXDPTR"], self.values["TXDMAXCNT"])
        self._began = self.bus.clock.now
        self.raise_event("TXSTARTED")
        self._end_after(len(self._leaving))

    def _end_after(self, count: int) -> None:
        """End the transfer that began at `_began` when `count` of its bytes have left."""
        if self._transmitting is not None:
            self._transmitting.cancel()
        left = self._began + count * self._byte_cycles() - self.bus.clock.now
        self._transmitting = self.bus.clock.after(left, lambda: self._end_transmit(self._leaving[:count]))

    def _end_transmit(self, data: bytes) -> None:
        self._transmitting = None
        self.values["TXDAMOUNT"] = len(data)
        if self.values["PSELTXD"] >> 31 == 0:
            self._sent(data)
        if data:
            self.raise_event("TXDRDY")
        self.raise_event("ENDTX")
        if self._stopping:
            self._stopped()

    def task_stoptx(self) -> None:
        """The byte on the wire is finished, then ENDTX and TXSTOPPED come, in this order."""
        if self._transmitting is None:
            self._stopped()
        elif not self._stopping:
            self._stopping = True
            begun = (self.bus.clock.now - self._began) // self._byte_cycles() + 1
            self._end_after(min(begun, len(self._leaving)))

    def _stopped(self) -> None:
        self._stopping = False
        self.raise_event("TXSTOPPED")
