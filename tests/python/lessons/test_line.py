"""The lessons of the line: the figures that they teach."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earkit.errors import EarkitError
from earkit.lessons import descent, guess, neurons, neurons_picture
from earkit.lessons.line import XS, YS, linear_rule, mean_squared_error, rule

LINES = """
Epoch  0: w=10.00 b=10.00, loss=715.67
Epoch  1: w=-6.19 b=3.56, loss=255.55
Epoch  2: w=3.74 b=5.72, loss=96.13
Epoch  3: w=-1.60 b=3.11, loss=39.55
Epoch  4: w=1.88 b=3.47, loss=18.51
Epoch  5: w=0.17 b=2.27, loss=10.01
Epoch  6: w=1.44 b=2.12, loss=6.13
Epoch  7: w=0.94 b=1.48, loss=4.08
Epoch 24: w=1.94 b=-0.82, loss=0.02
Epoch 25: w=1.95 b=-0.85, loss=0.01
Epoch 29: w=1.97 b=-0.92, loss=0.00
Epoch 49: w=2.00 b=-1.00, loss=0.00
"""
"""The epochs that the text which the lessons follow prints."""


def test_guess() -> None:
    made = guess.guess(3, 1)
    assert made.predictions.tolist() == [-2, 1, 4, 7, 10, 13]
    assert made.squared_errors.tolist() == [1, 4, 9, 16, 25, 36]
    assert f"{made.rmse:.2f}" == "3.89"
    assert guess.guess(2, -1).rmse == 0


def test_loss_surface_is_the_loss_of_each_guess() -> None:
    ws, bs = np.meshgrid(np.linspace(-3, 6, 5), np.linspace(-5, 4, 7))
    expected = [guess.guess(w, b).rmse ** 2 for w, b in zip(ws.ravel(), bs.ravel(), strict=True)]
    assert mean_squared_error(ws, bs).ravel() == pytest.approx(expected)


def test_a_rule_is_written_as_people_write_it() -> None:
    assert rule(2, -1) == "y = 2x − 1"
    assert rule(-0.5, 0) == "y = -0.5x + 0"
    assert linear_rule(10) == pytest.approx(19)


def test_descent_prints_the_known_lines(lesson: Any) -> None:
    done = lesson("descent")
    printed = done.output.splitlines()
    assert set(LINES.split("\n")[1:-1]) <= set(printed), done.output
    assert len([line for line in printed if line.startswith("Epoch")]) == 50
    assert printed[-1] == "It found y = 1.999x − 0.9969."


def test_descent_follows_the_gradient() -> None:
    """Against the gradient worked out by hand, in double precision."""
    made = descent.descend(-3, 5, 0.05, 30)
    w, b = -3.0, 5.0
    for epoch in range(30):
        errors = w * XS + b - YS
        assert (made.w[epoch], made.b[epoch]) == pytest.approx((w, b), rel=1e-4, abs=1e-4)
        assert made.loss[epoch] == pytest.approx((errors**2).mean(), rel=1e-4)
        w, b = w - 0.05 * 2 * (errors * XS).mean(), b - 0.05 * 2 * errors.mean()


def test_a_rate_that_overshoots_ends_in_a_sentence(lesson: Any) -> None:
    for rate in ("0.3", "1e9", "1e38"):
        done = lesson("descent", "--rate", rate)
        assert done.exit_code == 0
        assert done.stdout.splitlines()[-1].startswith(
            f"It diverged: at rate {float(rate):g} each step overshoots"
        )
        assert "nan" not in done.stdout and "inf" not in done.stdout


def test_the_largest_rate_is_where_it_turns() -> None:
    edge = descent.largest_rate()
    assert edge == pytest.approx(0.17698, abs=1e-5)
    below, above = (
        descent.descend(rate=0.97 * edge, epochs=400),
        descent.descend(rate=1.05 * edge, epochs=400),
    )
    assert below.loss[-1] < 1e-6 and not below.diverged
    assert above.diverged


def test_descent_from_too_far() -> None:
    with pytest.raises(EarkitError, match="too large to compute with"):
        descent.descend(w=1e30)


def one_neuron_by_hand(w: float) -> float:
    """What gradient descent at Keras's rate makes of one neuron that starts at w and b = 0, asked for 10."""
    b = 0.0
    for _ in range(50):
        errors = w * XS + b - YS
        w, b = w - 0.01 * 2 * (errors * XS).mean(), b - 0.01 * 2 * errors.mean()
    return 10 * w + b


def test_one_neuron_lies_where_every_start_ends() -> None:
    """Keras starts at w within ±√3 and b = 0, so that luck moves the answer from 16.3 to 17.7."""
    least, most = one_neuron_by_hand(-np.sqrt(3)), one_neuron_by_hand(np.sqrt(3))
    assert (least, most) == pytest.approx((16.28, 17.70), abs=0.05)
    runs = neurons.train(neurons.ONE, range(8))
    assert all(least - 1e-3 <= run.answer <= most + 1e-3 for run in runs)
    assert np.ptp([run.answer for run in runs]) > 0.1, "seeds make no difference"
    assert all(run.loss[-1] < run.loss[0] and len(run.loss) == 50 for run in runs)


def test_three_neurons_come_closer() -> None:
    one, three = (neurons.train(shape, range(8)) for shape in (neurons.ONE, neurons.THREE))
    answers = [run.answer for run in three]
    assert 18.0 < np.median(answers) < 18.9
    assert all(16 < answer < 19.5 for answer in answers)
    assert np.median(answers) > np.median([run.answer for run in one])
    assert [layer.kernel.shape for layer in three[0].network.layers] == [(1, 2), (2, 1)]


def test_a_seed_repeats() -> None:
    first, again, other = (neurons.train(neurons.THREE, [seed])[0] for seed in (3, 3, 4))
    assert first.answer == again.answer != other.answer
    assert first.loss.tolist() == again.loss.tolist()


def test_many_epochs_find_the_truth() -> None:
    assert neurons.train(neurons.ONE, [1], epochs=2000)[0].answer == pytest.approx(19, abs=0.05)


def test_seeds_tell_the_spread(lesson: Any) -> None:
    done = lesson("neuron", "--seeds", 4)
    assert "over 4 seeds" in done.stdout and "truth          19.00" in done.stdout


def test_pictures(tmp_path: Path) -> None:
    """Each is drawn, light, and in every format."""
    runs = neurons.train(neurons.THREE, [1, 2], epochs=3)
    guess.draw(guess.guess(3, 1), tmp_path / "guess.png")
    descent.draw(descent.descend(epochs=4), tmp_path / "descent.svg")
    descent.draw(descent.descend(rate=0.5), tmp_path / "diverged.png")
    neurons_picture.draw(runs, tmp_path / "many.png")
    neurons_picture.draw(runs[:1], tmp_path / "one.pdf")
    assert len(list(tmp_path.iterdir())) == 5
    assert (tmp_path / "descent.svg").read_text().startswith("<?xml")
    assert all(path.stat().st_size < 80_000 for path in tmp_path.glob("*.png"))
