"""model_info.c: name, hash, labels and recogniser of the model (firmware/core/model_info.h)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from earkit.compiler.ctext import ORIGIN, c_string
from earkit.compiler.graph import Graph
from earkit.core.spotter import ABLE, require_able, require_window
from earkit.errors import ModelError
from earkit.settings import TFLM_SETTINGS, ModelSettings


@dataclass(frozen=True)
class FoundSettings:
    settings: ModelSettings | None
    """None for a model that is no spotter."""
    note: str
    """Where they come from, when a person should know; else empty."""


def find_settings(graph: Graph, labels: Sequence[str] | None) -> FoundSettings:
    """The model's settings: from `labels`, else from its metadata, else TFLM's where the shapes are its.

    Raises ModelError when the labels do not fit the model's outputs.
    """
    outputs = graph.outputs[0].count
    inside = ModelSettings.from_metadata(graph.metadata)
    if inside:
        settings, note = inside, ""
        if labels is not None:
            settings = replace(settings, labels=tuple(labels))
            note = "the labels given replace those inside the model"
    elif labels is not None:
        _check_count(len(labels), outputs)
        settings, note = ModelSettings(tuple(labels), replace(ABLE, frames=_frames(graph))), ""
    elif graph.inputs[0].count == 1960 and graph.inputs[0].dtype == "int8" and outputs == 4:
        settings = TFLM_SETTINGS
        note = (
            "the model holds no labels: taken to be TFLM's silence, unknown, yes, no (--labels changes that)"
        )
    else:
        return FoundSettings(None, "the model holds no labels, so it is no spotter (--labels makes it one)")
    _check(graph, settings)
    return FoundSettings(settings, note)


def _frames(graph: Graph) -> int:
    return max(1, graph.inputs[0].count // ABLE.channels)


def _check_count(labels: int, outputs: int) -> None:
    if labels != outputs:
        raise ModelError(
            f"{labels} labels for {outputs} outputs", "give one per output: --labels silence,unknown,..."
        )


def _check(graph: Graph, settings: ModelSettings) -> None:
    outputs = graph.outputs[0].count
    _check_count(len(settings.labels), outputs)
    require_able(settings)
    source = graph.inputs[0]
    if {source.dtype, graph.outputs[0].dtype} != {"int8"} or source.count % ABLE.channels:
        raise ModelError(
            f"the model is no spotter: its input is {source.count} {source.dtype}, not rows of "
            f"{ABLE.channels} int8 features",
            "leave out --labels, or convert the model with full int8 quantisation",
        )
    require_window(settings, source.count)


def info_source(graph: Graph, settings: ModelSettings | None) -> str:
    """model_info.c."""
    labels = settings.labels if settings else ()
    table = (
        f"static const char *const labels[] = {{{', '.join(map(c_string, labels))}}};\n\n" if labels else ""
    )
    recognizer = "{0, 0, 0, {0}}"
    if settings:
        r = settings.recognizer
        thresholds = ", ".join([str(r.threshold)] * len(labels))
        recognizer = f"{{{r.average_ms}, {r.suppression_ms}, {r.minimum_count}, {{{thresholds}}}}}"
    return f"""/* {ORIGIN} The contract is in model_info.h of the firmware's core. */
#include "model_info.h"

#include <stddef.h>

{table}const ear_model_info ear_model = {{
    .name = {c_string(graph.name)},
    .sha256 = "{graph.sha256}",
    .label_count = {len(labels)},
    .labels = {"labels" if labels else "NULL"},
    .words = {settings.word_mask if settings else 0:#06x},
    .silence = {"EAR_NO_LABEL" if not settings or settings.silence is None else settings.silence},
    .hop_ms = {settings.frontend.hop_ms if settings else 0},
    .frames = {settings.frontend.frames if settings else 0},
    .recognizer = {recognizer},
}};
"""
