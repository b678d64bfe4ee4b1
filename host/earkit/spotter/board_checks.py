"""Whether a board can be reached, and whether it runs this version with this model."""

import hashlib
from pathlib import Path

from earkit import __version__
from earkit.device.answers import Hello
from earkit.device.session import Session
from earkit.device.usb import find_boards
from earkit.errors import LinkError
from earkit.spotter.image import build_image
from earkit.spotter.serial import open_board
from earkit.toolchain import board_doctor
from earkit.toolchain.doctor import Check


def look_at_board(port: str | None, model: Path) -> list[Check]:
    """The way to the board, then who answers there."""
    boards = [] if port else find_boards()
    checks = [] if port else board_doctor.board_checks(boards)
    device = port or next((board.device for board in boards if not board.is_bootloader), None)
    if device is None:
        return checks
    try:
        with Session(open_board(device, lambda: build_image(model))) as session:
            return [*checks, *firmware_checks(session.board, model)]
    except LinkError as error:
        return [*checks, Check("firmware", "everything", True, "", f"{error.message}; run: earkit flash")]


def firmware_checks(board: Hello, model: Path) -> list[Check]:
    """Whether the board's firmware and model are this computer's."""
    wanted = hashlib.sha256(model.read_bytes()).hexdigest()
    is_same = board.firmware == __version__
    other = f"the board has {board.firmware}, this is {__version__}; run: earkit flash"
    mend = f"the board has another file, called {board.model}; run: earkit flash {model}"
    return [
        Check("firmware", "everything", True, f"{board.firmware}, {board.engine} engine", ""),
        Check("firmware's version", "what is new", False, board.firmware if is_same else "", other),
        Check("model", f"being {model.stem}", False, board.model if board.sha256 == wanted else "", mend),
    ]
