"""earkit lesson guess"""

import click

from earkit.commands._grammar import subcommand
from earkit.commands._lesson._board import OnBoard, with_board
from earkit.commands._lesson._output import Finite, Output, with_output
from earkit.lessons import dense, guess
from earkit.lessons.line import XS, YS, rule


@subcommand("guess", "earkit lesson guess", "earkit lesson guess --w 2 --b -1 --plot guess.png")
@click.option("--w", default=3.0, show_default=True, type=Finite(), help="The weight.")
@click.option("--b", default=1.0, show_default=True, type=Finite(), help="The bias.")
@with_board
@with_output
def command(w: float, b: float, on_board: OnBoard, output: Output) -> None:
    """Guess a line by hand and measure how wrong it is."""
    made = guess.guess(w, b)
    output.say(f"guess: {rule(w, b)}")
    output.say(f"x:              {_row(XS)}")
    output.say(f"ground truth:   {_row(YS)}")
    output.say(f"prediction:     {_row(made.predictions)}")
    output.say(f"squared errors: {_row(made.squared_errors)}")
    output.say(f"loss (root mean squared error): {made.rmse:{'.2f' if made.rmse < 1e6 else '.4g'}}")
    on_board.save(dense.line(w, b), output)
    if on_board.port:
        on_board.run("guess", dense.line(w, b), output)
        return
    with output.picture() as picture:
        if picture:
            guess.draw(made, picture)
    output.finish(
        {
            "w": w,
            "b": b,
            "predictions": made.predictions.tolist(),
            "squared_errors": made.squared_errors.tolist(),
            "rmse": made.rmse,
        }
    )


def _row(values: object) -> str:
    return " ".join(f"{value:>7.4g}" for value in values)  # type: ignore[attr-defined]
