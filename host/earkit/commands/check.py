"""earkit check: whether the compiled C computes what TFLite Micro computes."""

import sys
from pathlib import Path

import click

from earkit.bench.exactness import Exactness, check_model
from earkit.commands._grammar import json_option, needed_model, subcommand
from earkit.commands._terminal import aside, print_json, progress_bars


@subcommand("check", "earkit check micro_speech", "earkit check my.tflite --inputs 300 --json")
@needed_model
@click.option("--inputs", type=click.IntRange(min=1), help="How many; by default what takes a few seconds.")
@json_option
def command(model: Path, inputs: int | None, as_json: bool) -> None:
    """Compare the compiled C with TFLite Micro, bit for bit.

    Random and extreme inputs go through MODEL, a .tflite or the name of a model that ships, in TFLite Micro,
    in the compiled C on this computer and in the compiled C on the simulated board. Exit status 1 when any
    output differs.
    """
    with progress_bars(aside) as progress:
        result = check_model(model, inputs, progress)
    if as_json:
        print_json(as_dict(result))
    else:
        print(sentence(model, result))
    sys.exit(0 if result.is_exact else 1)


def as_dict(result: Exactness) -> dict[str, object]:
    """What --json prints."""
    found: dict[str, object] = {
        "inputs": result.inputs,
        "steps": result.steps,
        "mismatches": {"host": result.host, "board": result.board},
    }
    return found | ({"board_reason": result.board_reason} if result.board_reason else {})


def sentence(model: Path, result: Exactness) -> str:
    """What is printed for people."""
    board = f"not run: {result.board_reason}" if result.board is None else f"{result.board} mismatches"
    return (
        f"{model.name}: {result.inputs} inputs and {result.steps} steps of a stream against TFLite Micro\n"
        f"  compiled C, this computer    {result.host} mismatches\n"
        f"  compiled C, simulated board  {board}"
    )
