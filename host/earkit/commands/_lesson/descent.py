"""earkit lesson descent"""

import click

from earkit.commands._grammar import subcommand
from earkit.commands._lesson._board import OnBoard, with_board
from earkit.commands._lesson._output import Finite, Output, with_output
from earkit.errors import EarkitError, require_all
from earkit.lessons import dense, descent
from earkit.lessons.descent import Descent
from earkit.lessons.line import rule


@subcommand("descent", "earkit lesson descent", "earkit lesson descent --rate 0.3 --plot descent.png")
@click.option(
    "--w", default=descent.START, show_default=True, type=Finite(), help="The weight to start from."
)
@click.option("--b", default=descent.START, show_default=True, type=Finite(), help="The bias to start from.")
@click.option("--rate", default=descent.RATE, show_default=True, type=Finite(), help="The learning rate.")
@click.option("--epochs", default=descent.EPOCHS, show_default=True, type=click.IntRange(1, 100_000))
@with_board
@with_output
def command(w: float, b: float, rate: float, epochs: int, on_board: OnBoard, output: Output) -> None:
    """Let gradient descent find the line."""
    if rate <= 0:
        raise click.BadParameter("a learning rate is above 0", param_hint="--rate")
    require_all("train", "tensorflow")
    made = descent.descend(w, b, rate, epochs)
    for epoch, values in enumerate(zip(made.w, made.b, made.loss, strict=True)):
        output.say("Epoch {:2d}: w={:.2f} b={:.2f}, loss={:.2f}".format(epoch, *values))
    output.say(verdict(made))
    if made.diverged and (on_board.port or on_board.tflite):
        raise EarkitError("what diverged makes no model", "choose a smaller --rate")
    on_board.save(dense.line(*made.result), output)
    if on_board.port:
        on_board.run("descent", dense.line(*made.result), output)
        return
    with output.picture() as picture:
        if picture:
            descent.draw(made, picture)
    history = {"w": made.w.tolist(), "b": made.b.tolist(), "loss": made.loss.tolist()}
    output.finish({**history, "rate": rate, "diverged": made.diverged})


def verdict(made: Descent) -> str:
    """How it went, in a sentence."""
    if made.diverged:
        return (
            f"It diverged: at rate {made.rate:g} each step overshoots further than the one before, "
            f"so it was stopped. Below {descent.largest_rate():.3f} it comes down."
        )
    if made.loss[-1] < 0.01:
        return f"It found {rule(*made.result)}."
    return f"It stands at {rule(*made.result)} and is not there yet: more --epochs, or another --rate."
