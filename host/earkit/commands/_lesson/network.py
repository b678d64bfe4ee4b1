"""earkit lesson network"""

from earkit.commands._grammar import subcommand
from earkit.commands._lesson._board import OnBoard
from earkit.commands._lesson._neurons import run, with_training
from earkit.commands._lesson._output import Output
from earkit.lessons import neurons


@subcommand("network", "earkit lesson network", "earkit lesson network --seeds 20 --plot network.png")
@with_training
def command(epochs: int, seed: int, seeds: int, on_board: OnBoard, output: Output) -> None:
    """Three neurons in two layers come closer to the truth."""
    run("network", neurons.THREE, epochs, seed, seeds, on_board, output)
