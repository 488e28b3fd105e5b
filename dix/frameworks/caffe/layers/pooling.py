"""Pooling with Caffe's rounding: up, unless told otherwise; and the spatial pyramid made of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from dix.frameworks.caffe.layers.base import Layer

MAX, AVE = 0, 1
_CEIL, _FLOOR = 0, 1
# What a window that covers nothing of the image answers.
_LOWEST = float(torch.finfo(torch.float32).min)


@dataclass(frozen=True, slots=True)
class _Side:
    """One axis of an image and of the window over it."""

    image: int
    kernel: int
    stride: int
    pad: int


@dataclass(frozen=True, slots=True)
class _Pool:
    """A window over height and width, with the size of what comes out."""

    method: int
    kernel: tuple[int, int]
    stride: tuple[int, int]
    pad: tuple[int, int]
    size: tuple[int, int]


class Pooling(Layer):
    """The largest value or the mean of each window; a second top has the places of the largest values."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        if bottoms[0].dim() != 4:
            raise self.fail(f"its bottom has {bottoms[0].dim()} axes", "pooling wants n, channels, height, width")
        pool = self._plan(tuple(bottoms[0].shape[2:]))
        if len(self.spec.top) > 1:
            return list(_pool_with_places(bottoms[0], pool))
        return [_pool(bottoms[0], pool)]

    def _plan(self, image: tuple[int, ...]) -> _Pool:
        param = self.spec.pooling_param
        if param.global_pooling:
            kernel = (image[0], image[1])
        else:
            kernel = _read_pair(param, "kernel_size", "kernel_h", "kernel_w")
        stride, pad = _read_pair(param, "stride", "stride_h", "stride_w"), _read_pair(param, "pad", "pad_h", "pad_w")
        if min(kernel) < 1 or min(stride) < 1:
            raise self.fail(f"its kernel is {list(kernel)}, its stride {list(stride)}", "give it both, at least 1")
        if any(pad[i] >= kernel[i] and pad[i] for i in (0, 1)):
            raise self.fail(f"its pad {list(pad)} is not smaller than its kernel {list(kernel)}")
        sides = [_Side(image[i], kernel[i], stride[i], pad[i]) for i in (0, 1)]
        sizes = [_count_windows(side, is_padded=any(pad), mode=param.round_mode) for side in sides]
        if min(sizes) < 1:
            raise self.fail(f"its kernel {list(kernel)} is larger than its image {list(image)}")
        return _Pool(param.pool, kernel, stride, pad, (sizes[0], sizes[1]))


class Pyramid(Layer):
    """SPP: pooling into 1, 4, 16 ... bins, side by side."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, bottom = self.spec.spp_param, bottoms[0]
        if param.pyramid_height < 1 or param.pool not in {MAX, AVE}:
            raise self.fail("it wants a pyramid_height of at least 1, and MAX or AVE")
        levels = [_pool(bottom, _plan_bins(param.pool, bottom.shape, 2**i)) for i in range(param.pyramid_height)]
        if len(levels) == 1:
            return levels
        return [torch.cat([level.flatten(1) for level in levels], dim=1)]


def _plan_bins(method: int, shape: torch.Size, bins: int) -> _Pool:
    kernel = tuple(math.ceil(size / bins) for size in shape[2:])
    pad = tuple((side * bins - size + 1) // 2 for side, size in zip(kernel, shape[2:], strict=True))
    sides = [_Side(shape[2 + i], kernel[i], kernel[i], pad[i]) for i in (0, 1)]
    sizes = [_count_windows(side, is_padded=any(pad)) for side in sides]
    return _Pool(method, (kernel[0], kernel[1]), (kernel[0], kernel[1]), (pad[0], pad[1]), (sizes[0], sizes[1]))


def _read_pair(param: Any, name: str, height: str, width: str) -> tuple[int, int]:
    if param.HasField(height) or param.HasField(width):
        return getattr(param, height), getattr(param, width)
    return getattr(param, name), getattr(param, name)


def _count_windows(window: _Side, *, is_padded: bool, mode: int = _CEIL) -> int:
    """How many windows there are; with padding, the last one must start inside the image or its first padding."""
    room = window.image + 2 * window.pad - window.kernel
    count = (room // window.stride if mode == _FLOOR else -(-room // window.stride)) + 1
    if is_padded and (count - 1) * window.stride >= window.image + window.pad:
        count -= 1
    return count


def _pool(values: Tensor, pool: _Pool) -> Tensor:
    if _torch_agrees(values, pool):
        if pool.method == MAX:
            return functional.max_pool2d(values, pool.kernel, pool.stride, pool.pad, ceil_mode=True)
        return functional.avg_pool2d(values, pool.kernel, pool.stride, pool.pad, ceil_mode=True)
    if pool.method == MAX:
        return functional.max_pool2d(_fit(values, pool, _LOWEST), pool.kernel, pool.stride)
    sums = functional.avg_pool2d(_fit(values, pool, 0.0), pool.kernel, pool.stride, divisor_override=1)
    return sums / _count_places(values, pool)


def _pool_with_places(values: Tensor, pool: _Pool) -> tuple[Tensor, Tensor]:
    """The largest values, and where in the image they stand (row times width plus column), as floats."""
    fitted = _fit(values, pool, _LOWEST)
    top, places = functional.max_pool2d(fitted, pool.kernel, pool.stride, return_indices=True)
    rows = places // fitted.shape[3] - pool.pad[0]
    columns = places % fitted.shape[3] - pool.pad[1]
    return top, (rows * values.shape[3] + columns).to(values.dtype)


def _torch_agrees(values: Tensor, pool: _Pool) -> bool:
    """Whether torch's own rounding up finds the same windows; it then works without a copy of the image."""
    for i in (0, 1):
        image = values.shape[2 + i]
        if pool.pad[i] * 2 > pool.kernel[i]:
            return False
        side = _Side(image, pool.kernel[i], pool.stride[i], pool.pad[i])
        if _count_windows(side, is_padded=True) != pool.size[i]:
            return False
    return True


def _fit(values: Tensor, pool: _Pool, fill: float) -> Tensor:
    """Pad or cut the image so that exactly the wanted windows fit."""
    pads = []
    for i in (1, 0):
        needed = (pool.size[i] - 1) * pool.stride[i] + pool.kernel[i]
        pads += [pool.pad[i], needed - values.shape[2 + i] - pool.pad[i]]
    return functional.pad(values, pads, value=fill)


def _count_places(values: Tensor, pool: _Pool) -> Tensor:
    """How many places each window's mean is over: it is cut at the padding's outer end, and 0 where it is beyond."""
    sides = []
    for i in (0, 1):
        end = values.shape[2 + i] + pool.pad[i]
        starts = [place * pool.stride[i] - pool.pad[i] for place in range(pool.size[i])]
        sides.append([min(start + pool.kernel[i], end) - start for start in starts])
    counts = [[height * width for width in sides[1]] for height in sides[0]]
    return torch.tensor(counts, dtype=values.dtype, device=values.device)
