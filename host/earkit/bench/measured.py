"""A compiler's report with what the model takes on the board's core."""

from dataclasses import replace
from pathlib import Path

from earkit.bench.board_model import BoardModel
from earkit.compiler.report import Report
from earkit.errors import MissingExtraError, SimulatorError, ToolError


def measured(report: Report, folder: Path) -> Report:
    """The report of the model in `folder` with instructions counted on the simulated board; where its tools
    are not installed, with a note that says so."""
    try:
        board = BoardModel(folder)
        whole, step = board.measure(), board.measure_step()
    except (ToolError, MissingExtraError, SimulatorError) as error:
        return replace(report, notes=(*report.notes, f"instructions not counted: {error}"))
    counted = report.with_instructions(whole.instructions, whole.by_layer)
    return counted.with_step(step.instructions, step.by_layer) if step else counted
