"""Check what a model is asked against what its card says it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.errors import BadValue
from dix.frameworks.base import Columns, TensorSpec

# The Open Inference Protocol's names of types, in numpy's words; BYTES are Python texts.
NUMPY_TYPES = {
    "BOOL": "bool", "UINT8": "uint8", "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64",
    "INT8": "int8", "INT16": "int16", "INT32": "int32", "INT64": "int64",
    "FP16": "float16", "FP32": "float32", "FP64": "float64", "BYTES": "object",
}  # fmt: skip


def check_input(spec: TensorSpec, columns: Columns) -> NDArray[Any]:
    """The column that `spec` asks for, in its type; raises BadValue when it is missing or does not fit.

    An array of another type is taken when not one value changes by it (whole numbers 0-255 as UINT8). Where all but
    the first dimension are free, an object array of n arrays is taken too: one of its own size each.
    """
    if spec.name not in columns:
        raise BadValue(spec.name, f"an input of this name, {describe(spec)}", sorted(columns))
    values = columns[spec.name]
    if values.dtype == object and spec.datatype != "BYTES":
        return _check_each(spec, values)
    _check_shape(spec, values.shape)
    return _as_type(spec, values)


def describe(spec: TensorSpec) -> str:
    """The type and shape of a tensor in words: `UINT8 [n, 8, 8]`."""
    sizes = ["n", *("any" if size == -1 else str(size) for size in spec.shape[1:])]
    return f"{spec.datatype} [{', '.join(sizes)}]"


def _check_each(spec: TensorSpec, values: NDArray[Any]) -> NDArray[Any]:
    """Values that come one by one: together in one array where the spec leaves no size free."""
    checked = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        _check_shape(spec, (1, *np.shape(value)))
        checked[i] = _as_type(spec, np.asarray(value))
    return checked if -1 in spec.shape[1:] or not len(checked) else np.stack(list(checked))


def _check_shape(spec: TensorSpec, shape: tuple[int, ...]) -> None:
    fits = len(shape) == len(spec.shape) and all(
        want in (-1, have) for want, have in zip(spec.shape[1:], shape[1:], strict=True)
    )
    if not fits or 0 in shape[1:]:
        raise BadValue(spec.name, describe(spec), f"shape {list(shape)}")


def _as_type(spec: TensorSpec, values: NDArray[Any]) -> NDArray[Any]:
    wanted = np.dtype(NUMPY_TYPES[spec.datatype])
    if values.dtype == wanted:
        return values
    if values.dtype.kind not in "biuf":
        raise BadValue(spec.name, describe(spec), f"values of type {values.dtype}")
    if wanted.kind == "f" or np.can_cast(values.dtype, wanted):
        return values.astype(wanted)
    if len(values):
        low, high = values.min(), values.max()
        limits = np.iinfo(wanted) if wanted.kind in "iu" else None
        if limits is None or not (limits.min <= low and high <= limits.max):
            raise BadValue(spec.name, describe(spec), f"values from {low} to {high}")
    converted = values.astype(wanted)
    if values.dtype.kind == "f" and not np.array_equal(converted, values):
        raise BadValue(spec.name, describe(spec), "values that are not whole numbers")
    return converted
