"""Lesson 7: what the trained network's eight filters look for.

    python scripts/07_filters.py

prints the eight filters of models/micro_speech, 200 ms of 8 neighbouring channels each: `+` where sound
makes a filter answer, `-` where it silences it, a blank where it does not care; and, for every filter, what
share of its weights is positive.
"""

from pathlib import Path

from earkit.compiler.read import read_model

# settings
MODEL = Path(__file__).parents[1] / "models/micro_speech/micro_speech.tflite"
LEAST = 0.25  # of the largest weight: below, a blank

graph = read_model(MODEL)
convolution = next(operator for operator in graph.operators if operator.name == "DEPTHWISE_CONV_2D")
weights = convolution.inputs[1]  # int8[1, 10, 8, 8]: time, channel, filter; one scale per filter
filters = weights.data[0] * weights.quantization.scales

for number in range(8):
    one = filters[:, :, number]
    least = LEAST * abs(one).max()
    print(f"\nfilter {number + 1}: {(one > 0).mean():.0%} of its weights are positive")
    for channel in range(7, -1, -1):
        print("  " + "".join("+" if w > least else "-" if w < -least else " " for w in one[:, channel]))
