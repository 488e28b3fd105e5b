"""Windows that slide: their size, step and padding, in the several ways a prototxt may give them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dix.frameworks.caffe.layers.base import Layer


@dataclass(frozen=True, slots=True)
class Window:
    """A window over some axes, one number for each."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    pad: tuple[int, ...]
    dilation: tuple[int, ...]


def read_window(layer: Layer, param: Any, axes: int) -> Window:
    """The window of a ConvolutionParameter over `axes` axes."""
    kernel = _read(layer, param, "kernel_size", ("kernel_h", "kernel_w"), axes)
    if kernel is None:
        raise layer.fail("it has no kernel_size", "say how large the kernel is")
    if min(kernel, default=1) < 1:
        raise layer.fail(f"its kernel is {list(kernel)}", "each side must be at least 1")
    stride = _read(layer, param, "stride", ("stride_h", "stride_w"), axes) or (1,) * axes
    if min(stride, default=1) < 1:
        raise layer.fail(f"its stride is {list(stride)}", "each step must be at least 1")
    return Window(
        kernel,
        stride,
        _read(layer, param, "pad", ("pad_h", "pad_w"), axes) or (0,) * axes,
        _read(layer, param, "dilation", None, axes) or (1,) * axes,
    )


def _read(layer: Layer, param: Any, name: str, sides: tuple[str, str] | None, axes: int) -> tuple[int, ...] | None:
    """A setting given once for all axes, once for each, or as height and width."""
    listed = list(getattr(param, name))
    if sides is not None and any(param.HasField(side) for side in sides):
        if listed or axes != 2:
            raise layer.fail(f"it has {name} and {sides[0]}", f"give {name}, or {sides[0]} and {sides[1]} in 2-D")
        return tuple(getattr(param, side) for side in sides)
    if not listed:
        return None
    if len(listed) not in {1, axes}:
        raise layer.fail(f"it has {len(listed)} values of {name} for {axes} axes", "give one, or one for each axis")
    return tuple(listed * axes) if len(listed) == 1 else tuple(listed)
