"""A kernel sliding over an image: convolution and pooling."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from earkit.compiler.check import require_rank, require_shape
from earkit.compiler.graph import Operator, Tensor
from earkit.compiler.layer import Call, RowWise, Struct

SAME = 0
WINDOW_FIELDS = ("Padding", "StrideH", "StrideW", "DilationHFactor", "DilationWFactor")
"""Of the options of a convolution."""


@dataclass(frozen=True)
class Window:
    """The fields of `ear_window` (firmware/core/kernels/kernels.h), in its order."""

    batches: int
    in_height: int
    in_width: int
    in_depth: int
    out_height: int
    out_width: int
    out_depth: int
    kernel_height: int
    kernel_width: int
    kernel_depth: int
    stride_height: int
    stride_width: int
    dilation_height: int
    dilation_width: int
    pad_top: int
    pad_left: int
    in_zero_point: int
    out_zero_point: int
    out_min: int
    out_max: int

    @property
    def positions(self) -> int:
        return self.batches * self.out_height * self.out_width

    def struct(self, name: str) -> Struct:
        return Struct("ear_window", name, tuple(asdict(self).items()))

    def of_rows(self, first: int, count: int) -> "Window":
        """The window that gives `count` rows of the output, from `first` on; its input begins with the first
        row under the kernel."""
        top = first * self.stride_height - self.pad_top
        return replace(self, in_height=self.in_height - max(0, top), out_height=count, pad_top=max(0, -top))

    def row_wise(self, name: str, call: Callable[[str], Call]) -> RowWise | None:
        """For Layer.rows, of a layer that is `call` of a window's name; its own is `name`."""
        if self.batches != 1:
            return None

        def some(first: int, count: int) -> Call:
            part = asdict(self.of_rows(first, count))
            changed = [key for key, value in asdict(self).items() if part[key] != value]
            fields = (f"window.{key} = {part[key]};" for key in changed)
            return replace(call("window"), before=(f"ear_window window = {name};", *fields))

        return RowWise(
            call=some,
            stride=self.stride_height,
            pad=self.pad_top,
            reach=(self.kernel_height - 1) * self.dilation_height + 1,
        )


def make_window(
    operator: Operator, source: Tensor, kernel: tuple[int, int, int], depth: int, clamp: tuple[int, int]
) -> Window:
    """The window of a kernel (height, width, depth) over `source`, giving `depth` channels.

    Raises ModelError when the output's shape is not what it must be.
    """
    options, output = operator.options, operator.outputs[0]
    require_rank(operator, source, 4, 4)
    batches, height, width, in_depth = source.shape
    strides = (options["StrideH"], options["StrideW"])
    dilations = (options.get("DilationHFactor", 1), options.get("DilationWFactor", 1))
    if min(*strides, *dilations, *kernel) < 1:
        raise operator.damaged("a stride, dilation or kernel size is below 1")
    same = options["Padding"] == SAME
    out_height, pad_top = _extent(height, kernel[0], strides[0], dilations[0], same)
    out_width, pad_left = _extent(width, kernel[1], strides[1], dilations[1], same)
    require_shape(operator, output, (batches, out_height, out_width, depth))
    return Window(
        batches, height, width, in_depth, out_height, out_width, depth, *kernel, *strides, *dilations,
        pad_top, pad_left, source.zero_point, output.zero_point, *clamp,
    )  # fmt: skip


def _extent(size: int, kernel: int, stride: int, dilation: int, same: bool) -> tuple[int, int]:
    """Output size and padding before, along one dimension."""
    reach = (kernel - 1) * dilation + 1
    count = -(-size // stride) if same else -(-(size - reach + 1) // stride)
    return count, max(0, ((count - 1) * stride + reach - size) // 2)
