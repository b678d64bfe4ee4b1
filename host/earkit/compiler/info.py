"""model_info.c: name, hash, labels and recogniser of the model (firmware/core/model_info.h)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from earkit.compiler.ctext import ORIGIN, c_string
from earkit.compiler.graph import Graph
from earkit.errors import ModelError
from earkit.settings import TFLM_SETTINGS, FrontendSettings, ModelSettings

MAX_LABELS = 16
"""EAR_MAX_LABELS of firmware/core/recognizer/recognizer.h."""


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
        settings, note = ModelSettings(tuple(labels), _frontend(graph)), ""
    elif graph.inputs[0].count == 1960 and graph.inputs[0].dtype == "int8" and outputs == 4:
        settings = TFLM_SETTINGS
        note = (
            "the model holds no labels: taken to be TFLM's silence, unknown, yes, no (--labels changes that)"
        )
    else:
        return FoundSettings(None, "the model holds no labels, so it is no spotter (--labels makes it one)")
    _check(graph, settings)
    return FoundSettings(settings, note)


def _frontend(graph: Graph) -> FrontendSettings:
    return FrontendSettings(frames=graph.inputs[0].count // FrontendSettings().channels)


def _check(graph: Graph, settings: ModelSettings) -> None:
    outputs = graph.outputs[0].count
    if len(settings.labels) != outputs:
        raise ModelError(
            f"{len(settings.labels)} labels for {outputs} outputs",
            "give one per output: --labels silence,unknown,...",
        )
    if not 2 <= outputs <= MAX_LABELS:
        raise ModelError(f"a spotter of {outputs} labels", f"use 2 to {MAX_LABELS}")
    window = settings.frontend.frames * settings.frontend.channels
    if graph.inputs[0].count != window or graph.inputs[0].dtype != "int8" or graph.outputs[0].dtype != "int8":
        raise ModelError(
            f"the model is no spotter: its input is {graph.inputs[0].count} {graph.inputs[0].dtype}, "
            f"not rows of {settings.frontend.channels} int8 features",
            "leave out --labels, or convert the model with full int8 quantisation",
        )


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
    .frames = {settings.frontend.frames if settings else 0},
    .recognizer = {recognizer},
}};
"""
