"""model_data.c/.h and model_tflm.h: what the TFLite Micro engine needs."""

from earkit.compiler.ctext import ORIGIN, c_string
from earkit.compiler.graph import Graph
from earkit.compiler.ops import OPERATIONS
from earkit.compiler.tflm_arena import TflmArena
from earkit.settings import ModelSettings


def data_header(graph: Graph, settings: ModelSettings | None) -> str:
    """model_data.h."""
    return f"""/* {ORIGIN} The .tflite file as a C array. */
#ifndef MODEL_DATA_H
#define MODEL_DATA_H

#ifdef __cplusplus
extern "C" {{
#endif

#define MODEL_DATA_BYTES {len(graph.data)}
#define MODEL_DATA_SHA256 "{graph.sha256}"
/* Labels, front end and recogniser as JSON; empty for a model without labels. */
#define MODEL_DATA_SETTINGS {c_string(settings.to_json() if settings else "")}

/* Aligned to 16 bytes. */
extern const unsigned char model_data[MODEL_DATA_BYTES];

#ifdef __cplusplus
}}
#endif
#endif
"""


def data_source(graph: Graph) -> str:
    """model_data.c."""
    data = graph.data
    lines = "\n".join(
        "    " + " ".join(f"0x{byte:02x}," for byte in data[i : i + 16]) for i in range(0, len(data), 16)
    )
    return f"""/* {ORIGIN} */
#include "model_data.h"

_Alignas(16) const unsigned char model_data[MODEL_DATA_BYTES] = {{
{lines}
}};
"""


def has_per_channel_dense(graph: Graph) -> bool:
    """Whether the weights of any FULLY_CONNECTED have more than one scale."""
    dense = (o.inputs[1] for o in graph.operators if o.name == "FULLY_CONNECTED")
    return any(w is not None and w.quantization and len(w.quantization.scales) > 1 for w in dense)


def tflm_header(graph: Graph, arena: TflmArena) -> str:
    """model_tflm.h."""
    operators = sorted({operator.name for operator in graph.operators})
    added = " &&\n         ".join(
        f"resolver.Add{OPERATIONS[name].resolver}() == kTfLiteOk" for name in operators
    )
    return f"""/* {ORIGIN} */
#ifndef MODEL_TFLM_H
#define MODEL_TFLM_H

#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

/* Bytes, {arena.note}. */
#define MODEL_TFLM_ARENA_BYTES {arena.bytes}

#define MODEL_TFLM_INPUT_BYTES {graph.inputs[0].bytes}

/* Whether a dense layer has one scale per output: TFLite Micro before October 2024 runs that wrongly. */
#define MODEL_TFLM_PER_CHANNEL_DENSE {int(has_per_channel_dense(graph))}

using ModelResolver = tflite::MicroMutableOpResolver<{max(len(operators), 1)}>;

/* Adds exactly the model's operators. False when the library lacks one. */
inline bool model_add_operators(ModelResolver &resolver) {{
  {"(void)resolver;" if not operators else ""}
  return {added or "true"};
}}

#endif
""".replace("  \n", "")
