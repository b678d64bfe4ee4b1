"""earkit lesson neuron"""

from earkit.commands._grammar import subcommand
from earkit.commands._lesson._board import OnBoard
from earkit.commands._lesson._neurons import run, with_training
from earkit.commands._lesson._output import Output
from earkit.lessons import neurons


@subcommand("neuron", "earkit lesson neuron", "earkit lesson neuron --port sim --x 10")
@with_training
def command(epochs: int, seed: int, seeds: int, on_board: OnBoard, output: Output) -> None:
    """One neuron, trained by Keras from a random start."""
    run("neuron", neurons.ONE, epochs, seed, seeds, on_board, output)
