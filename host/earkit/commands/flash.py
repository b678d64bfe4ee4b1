"""earkit flash: build the firmware for a real board and put it there."""

from dataclasses import asdict
from pathlib import Path

import click

from earkit.commands._grammar import BOARD_PORT, FILE, json_option, optional_model, subcommand
from earkit.commands._terminal import console, notes, print_json, progress_bars
from earkit.device.answers import Hello
from earkit.device.ports import open_port
from earkit.device.session import Session
from earkit.device.usb import find_boards
from earkit.errors import LinkError
from earkit.spotter.image import model_folder
from earkit.spotter.serial import SIMULATED
from earkit.toolchain import flash, platformio


@subcommand("flash", "earkit flash", "earkit flash my.tflite --port /dev/ttyACM0")
@optional_model(folders=True)
@BOARD_PORT
@click.option("--env", default="nano33ble_compiled", show_default=True, help="An environment for the board.")
@click.option("--bin", "image", type=FILE, help="Write this image (.bin) instead of building one.")
@json_option
def command(model: Path | None, port: str | None, env: str, image: Path | None, as_json: bool) -> None:
    """Build the firmware and write it to a board on USB.

    The board is an Arduino Nano 33 BLE (Sense). MODEL is a .tflite, an exported folder or the name of a model
    that ships. In the end the board is asked who it is.
    """
    if port == SIMULATED:
        raise click.UsageError("the simulated board needs no flashing; run: earkit simulate")
    flash.find_bossac()
    flash.choose(find_boards(), port)  # nobody wants to wait for a build first
    with progress_bars(notes(as_json)) as progress:
        if image is None:
            elf = platformio.build(env, model_folder(model, progress) if model else None, progress)
            image = elf.with_suffix(".bin")
        device = flash.flash(image, port, progress)
    board = greet(device)
    if as_json:
        print_json({"board": device, "hello": asdict(board)})
        return
    console.print(f"{board.board} at {device}: {board.engine} engine, model {board.model}", markup=False)
    console.print("next: earkit monitor")


def greet(device: str) -> Hello:
    """Say hello to what was written."""
    port = open_port(device)
    try:
        with Session(port) as session:
            return session.board
    except LinkError as error:
        raise LinkError(
            f"written, but {error.message}", "press the reset button once, then: earkit doctor --board"
        ) from error
