"""earkit check: whether the compiled C computes what TFLite Micro computes."""

import json
import sys
from pathlib import Path

import click

from earkit.bench.exactness import Exactness, check_model
from earkit.commands._terminal import aside, progress_bars


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--inputs", type=click.IntRange(min=1), help="How many; by default what takes a few seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(model: Path, inputs: int | None, as_json: bool) -> None:
    """Run random and extreme inputs through MODEL (.tflite) in TFLite Micro, in the compiled C on this
    computer and in the compiled C on the simulated board. Exit status 1 when any output differs."""
    with progress_bars(aside) as progress:
        result = check_model(model, inputs, progress)
    print(json.dumps(as_dict(result)) if as_json else sentence(model, result))
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
