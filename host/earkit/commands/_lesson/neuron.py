"""earkit lesson neuron"""

import click

from earkit.commands._lesson._board import OnBoard
from earkit.commands._lesson._neurons import run, with_training
from earkit.commands._lesson._output import Output
from earkit.lessons import neurons


@click.command()
@with_training
def command(epochs: int, seed: int, seeds: int, on_board: OnBoard, output: Output) -> None:
    """One neuron, trained by Keras from a random start."""
    run("neuron", neurons.ONE, epochs, seed, seeds, on_board, output)
