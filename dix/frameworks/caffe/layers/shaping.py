"""Layers that move values without changing them: Concat, Slice, Flatten, Reshape, Crop, Tile ..."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from dix.frameworks.caffe.layers.base import Layer, count_values, find_axis, flatten_axes


class Concat(Layer):
    """Blobs side by side along an axis."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param = self.spec.concat_param
        axis = param.concat_dim if param.HasField("concat_dim") else param.axis
        return [torch.cat(bottoms, dim=find_axis(self, axis, bottoms[0].dim()))]


class Slice(Layer):
    """A blob cut along an axis: at the points, or into equal parts."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, bottom, count = self.spec.slice_param, bottoms[0], len(self.spec.top)
        axis = find_axis(self, param.slice_dim if param.HasField("slice_dim") else param.axis, bottom.dim())
        size = bottom.shape[axis]
        if param.slice_point:
            edges = [0, *param.slice_point, size]
            sizes = [end - start for start, end in pairwise(edges)]
        else:
            sizes = [size // count] * count
        if len(sizes) != count or sum(sizes) != size or min(sizes) < 1:
            raise self.fail(f"{size} cannot be cut into {count} parts at {list(param.slice_point) or 'equal steps'}")
        return list(torch.split(bottom, sizes, dim=axis))


class Split(Layer):
    """The same blob several times."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        return [bottoms[0]] * len(self.spec.top)


class Silence(Layer):
    """Takes blobs that nobody else wants."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:  # noqa: ARG002
        return []


class Flatten(Layer):
    """Several axes made one."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, count = self.spec.flatten_param, bottoms[0].dim()
        start, end = find_axis(self, param.axis, count), find_axis(self, param.end_axis, count)
        return [flatten_axes(bottoms[0], start, end + 1)]


class Reshape(Layer):
    """The same values in another shape: 0 copies an axis, -1 is worked out."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, shape = self.spec.reshape_param, tuple(bottoms[0].shape)
        start = param.axis if param.axis >= 0 else len(shape) + param.axis + 1
        end = len(shape) if param.num_axes == -1 else start + param.num_axes
        if not 0 <= start <= end <= len(shape):
            raise self.fail(f"axes {start} to {end} of a blob with {len(shape)}")
        middle = list(param.shape.dim)
        if any(size == 0 and start + i >= len(shape) for i, size in enumerate(middle)) or middle.count(-1) > 1:
            raise self.fail(f"{middle} copies an axis that is not there, or has more than one -1")
        middle = [shape[start + i] if size == 0 else size for i, size in enumerate(middle)]
        wanted = [*shape[:start], *middle, *shape[end:]]
        known = count_values(size for size in wanted if size != -1)
        if count_values(shape) % max(known, 1) or (-1 not in middle and known != count_values(shape)):
            raise self.fail(f"{list(shape)} cannot become {wanted}")
        return [bottoms[0].reshape(wanted)]


class Crop(Layer):
    """The part of a blob that has the size of a second one, from `axis` on."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param, bottom = self.spec.crop_param, bottoms[0]
        start, offsets = find_axis(self, param.axis, bottom.dim()), list(param.offset)
        if len(offsets) > 1 and len(offsets) != bottom.dim() - start:
            raise self.fail(f"{len(offsets)} offsets for {bottom.dim() - start} axes", "give one, or one for each")
        for axis in range(start, bottom.dim()):
            offset = 0 if not offsets else offsets[axis - start if len(offsets) > 1 else 0]
            size = bottoms[1].shape[axis]
            if offset + size > bottoms[0].shape[axis]:
                raise self.fail(f"{size} from {offset} on do not fit into the {bottoms[0].shape[axis]} of axis {axis}")
            bottom = bottom.narrow(axis, offset, size)
        return [bottom]


class Tile(Layer):
    """A blob several times along an axis."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        param = self.spec.tile_param
        if param.tiles < 1:
            raise self.fail(f"tiles is {param.tiles}", "it must be at least 1")
        return [torch.cat([bottoms[0]] * param.tiles, dim=find_axis(self, param.axis, bottoms[0].dim()))]


class BatchReindex(Layer):
    """The items of a batch in the order the second bottom says."""

    def forward(self, bottoms: list[Tensor]) -> list[Tensor]:
        return [bottoms[0].index_select(0, bottoms[1].detach().reshape(-1).long())]
