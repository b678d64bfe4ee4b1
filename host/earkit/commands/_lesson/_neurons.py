"""What the lessons neuron and network share."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import click
import numpy as np

from earkit.commands._lesson._board import OnBoard, with_board
from earkit.commands._lesson._output import Output, with_output
from earkit.errors import require_all
from earkit.lessons import neurons, neurons_picture
from earkit.lessons.line import QUESTION, linear_rule, truth


def with_training(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of both lessons."""
    options = (
        click.option("--epochs", default=neurons.EPOCHS, show_default=True, type=click.IntRange(1, 100_000)),
        click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1)),
        click.option(
            "--seeds", default=1, show_default=True, type=click.IntRange(1, 1000),
            help="Train from this many starts, to see the spread.",
        ),
        with_board,
        with_output,
    )  # fmt: skip
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), function)


def run(
    lesson: str, shape: Sequence[int], epochs: int, seed: int, seeds: int, on_board: OnBoard, output: Output
) -> None:
    """Train, tell, draw; the first seed's network goes to the board."""
    require_all("train", "tensorflow", "keras")
    starts = range(seed, seed + seeds)
    if on_board.port:
        network = _train(shape, starts, epochs, output)[0].network
        on_board.save(network, output)
        on_board.run(lesson, network, output)
        return
    with output.picture() as picture:
        made = _train(shape, starts, epochs, output)
        on_board.save(made[0].network, output)
        if picture:
            neurons_picture.draw(made, picture)
    output.finish({"runs": [_as_dict(run) for run in made], "truth": truth(QUESTION)})


def _train(shape: Sequence[int], seeds: Sequence[int], epochs: int, output: Output) -> list[neurons.Trained]:
    with output.progress() as progress:
        made = neurons.train(shape, seeds, epochs, progress)
    answers = np.array([run.answer for run in made])
    neurons_in_words = "one neuron" if len(shape) == 1 else "three neurons"
    output.say(f"loss after {epochs} epochs: {made[0].loss[-1]:.4f}")
    output.say(f"asked for x = {QUESTION:g}")
    output.say(f"  truth          {truth(QUESTION):.2f}")
    output.say(f"  linear rule    {linear_rule(QUESTION):.2f}")
    output.say(f"  {neurons_in_words:<14} {answers[0]:.2f} (seed {made[0].seed})")
    if len(made) > 1:
        output.say(
            f"  over {len(made)} seeds   {answers.min():.2f} to {answers.max():.2f}, "
            f"mean {answers.mean():.2f}, median {np.median(answers):.2f}"
        )
    return made


def _as_dict(run: neurons.Trained) -> dict[str, Any]:
    layers = [{"kernel": layer.kernel.tolist(), "bias": layer.bias.tolist()} for layer in run.network.layers]
    return {"seed": run.seed, "answer": run.answer, "loss": run.loss.tolist(), "layers": layers}
