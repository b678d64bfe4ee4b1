"""earkit flash: build the firmware for a real board and put it there."""

from pathlib import Path

import click

from earkit.commands._terminal import console, progress_bars
from earkit.device.ports import open_port
from earkit.device.session import Session
from earkit.device.usb import find_boards
from earkit.errors import LinkError
from earkit.spotter.image import model_folder
from earkit.toolchain import flash, platformio


@click.command(name="flash")
@click.option("--port", help="The board's port, where more than one is plugged in.")
@click.option("--env", default="nano33ble_compiled", show_default=True, help="An environment for the board.")
@click.option("--model", help="A .tflite file, an exported folder, or the name of a model that ships.")
@click.option(
    "--bin", "image", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Write this image (.bin) instead of building one.",
)  # fmt: skip
def command(port: str | None, env: str, model: str | None, image: Path | None) -> None:
    """Build the firmware, write it to the Arduino Nano 33 BLE (Sense) on USB, and ask it who it is."""
    flash.find_bossac()
    flash.choose(find_boards(), port)  # nobody wants to wait for a build first
    with progress_bars() as progress:
        if image is None:
            elf = platformio.build(env, model_folder(model, progress) if model else None, progress)
            image = elf.with_suffix(".bin")
        device = flash.flash(image, port, progress)
    greet(device)


def greet(device: str) -> None:
    """Say hello to what was written."""
    port = open_port(device)
    try:
        with Session(port) as session:
            board = session.board
    except LinkError as error:
        raise LinkError(
            f"written, but {error.message}", "press the reset button once, then: earkit doctor --board"
        ) from error
    console.print(f"{board.board} at {device}: {board.engine} engine, model {board.model}", markup=False)
    console.print("next: earkit monitor")
