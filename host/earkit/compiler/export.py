"""Writes a model's folder: everything that the firmware needs of a model."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from earkit import files
from earkit.compiler import data, info
from earkit.compiler.compile import compile_graph
from earkit.compiler.read import read_model
from earkit.compiler.report import Report, make_report, write_report
from earkit.compiler.tflm_arena import measure_arena
from earkit.progress import Progress, silent


def export_model(
    model: Path,
    folder: Path,
    labels: Sequence[str] | None = None,
    progress: Progress = silent,
    fast: bool = False,
) -> Report:
    """Compile `model` and write its folder, described in docs/design.md; same file, same bytes.

    `labels`, one per output, replace those in the model. `fast` as in `compile_graph`. Returns the report,
    instructions not measured: measure them and call `write_report` again. Raises ModelError for a model
    that is broken or not supported; then nothing is written.
    """
    progress("export", 0, 3)
    graph = read_model(model)
    compiled = compile_graph(graph, fast)
    found = info.find_settings(graph, labels)
    progress("export", 1, 3)
    tflm = measure_arena(model, compiled)
    notes = [found.note] if found.note else []
    notes.append(f"TFLite Micro's arena: {tflm.note}")
    progress("export", 2, 3)
    texts = {
        **compiled.files,
        "model_data.h": data.data_header(graph, found.settings),
        "model_data.c": data.data_source(graph),
        "model_tflm.h": data.tflm_header(graph, tflm),
        "model_info.c": info.info_source(graph, found.settings),
    }
    with ExitStack() as all_or_none:
        for name, text in texts.items():
            all_or_none.enter_context(files.replacing(folder / name)).write_bytes(text.encode())
    report = make_report(compiled, found.settings, tuple(notes), tflm)
    write_report(report, folder)
    progress("export", 3, 3)
    return report
