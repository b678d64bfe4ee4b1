"""The front end's constant tables, as TensorFlow's microfrontend library computes them at start-up.

`python -m earkit.core.tables` writes firmware/core/frontend/tables.c again. Sources of the formulas:
tensorflow/lite/experimental/microfrontend/lib: window_util.c, filterbank_util.c, pcan_gain_control_util.c,
log_lut.c, and kissfft's kiss_fft.c and kiss_fftr.c for the twiddle factors.
"""

import math
import textwrap
from collections.abc import Iterable

import numpy as np

from earkit import files, paths
from earkit.settings import FrontendSettings

FFT_SIZE = 512
WINDOW_BITS = 12
FILTERBANK_BITS = 12
GAIN_BITS, GAIN_STRENGTH, GAIN_OFFSET = 21, 0.95, 80.0
GAIN_INPUT_BITS = 7  # smoothing bits 10, less the filter bank's correction of 3
LOG_SEGMENTS = 128

f32 = np.float32


def window(settings: FrontendSettings) -> list[int]:
    """Hann window in Q12, one per sample. Coefficient 17 is 53.49995 before rounding: 53."""
    step = 2.0 * math.pi / settings.window_samples
    scale = 1 << WINDOW_BITS
    return [
        math.floor((0.5 - 0.5 * math.cos(step * (i + 0.5))) * scale + 0.5)
        for i in range(settings.window_samples)
    ]


def twiddles(count: int, phase: float = 0.0) -> list[tuple[int, int]]:
    """exp(-j * (2 pi k / FFT_SIZE + phase)) in Q15 as kissfft rounds it, `count` of them."""
    angles = [-(2.0 * math.pi * k / FFT_SIZE + phase) for k in range(count)]
    return [(math.floor(0.5 + 32767 * math.cos(a)), math.floor(0.5 + 32767 * math.sin(a))) for a in angles]


def stage_twiddles() -> list[tuple[int, int]]:
    """Of the three last stages of the complex FFT, which join 4, 16 and 64 points: w, w^2 and w^3 of each."""
    turn = twiddles(FFT_SIZE)
    return [
        turn[FFT_SIZE // (4 * step) * power * k]
        for step in (4, 16, 64)
        for power in (1, 2, 3)
        for k in range(step)
    ]


def mel(hertz: float) -> np.float32:
    """The mel scale, rounded to float32 as the library's FreqToMel is."""
    return f32(1127.0 * math.log1p(hertz / 700.0))


def filterbank(settings: FrontendSettings) -> tuple[list[int], list[int], int]:
    """(widths, weights, first bin): channels + 1 bands side by side over the spectrum.

    A bin of band b adds weight/4096 of its energy to channel b - 1 and the rest to channel b: each
    triangle's falling side is the next one's rising side.
    """
    bands = settings.channels + 1
    low, high = mel(settings.lower_hz), mel(settings.upper_hz)
    spacing = f32((high - low) / f32(bands))
    centers = [f32(low + f32(spacing * f32(i + 1))) for i in range(bands)]
    hertz_per_bin = f32(0.5 * settings.sample_rate / (FFT_SIZE // 2))
    first = int(1.5 + settings.lower_hz / float(hertz_per_bin))
    widths, weights = [], []
    position = first
    for below, center in zip([low, *centers], centers, strict=False):
        start = position
        while (here := mel(float(f32(position) * hertz_per_bin))) <= center:
            weight = f32(f32(center - here) / f32(center - below))
            weights.append(math.floor(float(weight) * (1 << FILTERBANK_BITS) + 0.5))
            position += 1
        widths.append(position - start)
    return widths, weights, first


def gain(x: int) -> int:
    """PCAN gain for a noise estimate of `x`: 2^21 * (x / 2^7 + 80)^-0.95, at most 32767."""
    value = float(1 << GAIN_BITS) * f32(math.pow(x / (1 << GAIN_INPUT_BITS) + GAIN_OFFSET, -GAIN_STRENGTH))
    return min(0x7FFF, int(value + 0.5))


def gain_table() -> list[int]:
    """PCAN gain: its values at 0 and 1, then per octave of the noise estimate a parabola (y0, a1, a2, 0)."""
    table = [gain(0), gain(1)]
    for octave in range(2, 33):
        x0 = 1 << (octave - 1)
        y0, y1, y2 = (gain(x) for x in (x0, x0 + x0 // 2, 2 * x0 - (octave == 32)))
        a1 = 4 * (y1 - y0) - (y2 - y0)
        table += [y0, a1, (y2 - y0) - a1, 0]
    return table[:-1]


def log_table() -> list[int]:
    """log2(1 + x) - x in Q16 at x = i/128, both ends included."""
    steps = (i / LOG_SEGMENTS for i in range(LOG_SEGMENTS + 1))
    return [math.floor((math.log2(1.0 + x) - x) * 65536 + 0.5) for x in steps]


def _packed(pairs: Iterable[tuple[int, int]]) -> list[int]:
    return [(im & 0xFFFF) << 16 | re & 0xFFFF for re, im in pairs]


def tables(settings: FrontendSettings) -> dict[str, list[int]]:
    """Every table under its C declaration."""
    widths, weights, _ = filterbank(settings)
    return {
        f"int16_t ear_window_table[{settings.window_samples}]": window(settings),
        "uint32_t ear_twiddles[252]": _packed(stage_twiddles()),
        "uint32_t ear_real_twiddles[128]": _packed(twiddles(129, math.pi / 2)[1:]),
        f"uint8_t ear_filter_widths[{len(widths)}]": widths,
        f"uint16_t ear_filter_weights[{len(weights)}]": weights,
        "int16_t ear_gain_table[125]": gain_table(),
        "uint16_t ear_log_table[130]": [*log_table(), 0],
    }


def render(settings: FrontendSettings) -> dict[str, str]:
    """The texts of tables.c and tables.h, by file name."""
    note = (
        "/* Generated by host/earkit/core/tables.py from FrontendSettings; do not edit. */\n"
        "/* clang-format off */\n"
    )
    named = tables(settings)
    arrays = "".join(
        f"\nconst {declaration} = {{\n{_wrapped(values)}}};\n" for declaration, values in named.items()
    )
    declarations = "".join(f"extern const {declaration};\n" for declaration in named)
    header = (
        "#ifndef EAR_TABLES_H\n#define EAR_TABLES_H\n\n#include <stdint.h>\n\n"
        f"#define EAR_FIRST_BIN {filterbank(settings)[2]}\n\n{declarations}\n#endif\n"
    )
    return {"tables.c": f'{note}#include "frontend/tables.h"\n{arrays}', "tables.h": note + header}


def _wrapped(values: Iterable[object]) -> str:
    text = ", ".join(str(value) for value in values)
    return textwrap.fill(text, 100, initial_indent="    ", subsequent_indent="    ")


def main() -> None:
    for name, text in render(FrontendSettings()).items():
        files.write_text(paths.kit() / "firmware/core/frontend" / name, text)


if __name__ == "__main__":
    main()
