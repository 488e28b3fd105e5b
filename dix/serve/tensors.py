"""Tensors as the Open Inference Protocol v2 writes them in JSON, and as numpy holds them.

Source: kserve/open-inference-protocol, specification/protocol/inference_rest.md, "Tensor Data". Data is row-major,
nested or flat; BYTES are texts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.errors import BadData, BadValue
from dix.frameworks.base import TensorSpec
from dix.frameworks.checking import NUMPY_TYPES, describe


def read_tensor(spec: TensorSpec, shape: Any, data: Any, where: str) -> NDArray[Any]:
    """The array that a request's `shape` and `data` say, in the type of `spec`.

    Raises BadValue, naming `where` it stands: a shape that is none or does not fit, data of another size, values that
    are no values of the type. Where the spec is optional, null stands for a missing text or decimal number.
    """
    _check_shape(spec, shape, where)
    values = _flatten(data, shape, where)
    return _convert(spec, values, where).reshape(shape)


def write_tensor(spec: TensorSpec, values: NDArray[Any], model: str) -> dict[str, Any]:
    """One output of a response, its data flat; orjson takes the array as it is.

    Raises BadData when `values` hold what JSON cannot say.
    """
    if spec.datatype == "BYTES":
        data: Any = [_to_text(value, spec, model) for value in values.ravel().tolist()]
    else:
        data = np.ascontiguousarray(values, dtype=NUMPY_TYPES[spec.datatype]).ravel()
        if data.dtype.kind == "f" and not np.isfinite(data).all():
            raise BadData(model, f"its output {spec.name} is not a number or infinite, which JSON cannot say")
    return {"name": spec.name, "shape": list(values.shape), "datatype": spec.datatype, "data": data}


def _check_shape(spec: TensorSpec, shape: Any, where: str) -> None:
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise BadValue(f"{where}.shape", "a list of whole numbers from 0", _shorten(shape))
    fits = len(shape) == len(spec.shape) and all(
        want in (-1, have) for want, have in zip(spec.shape, shape, strict=True)
    )
    if not fits:
        raise BadValue(f"{where}.shape", describe(spec), shape)
    if 0 in shape:
        raise BadValue(f"{where}.shape", "at least one row and no empty dimension", shape)


def _flatten(data: Any, shape: Sequence[int], where: str) -> list[Any]:
    if not isinstance(data, list):
        raise BadValue(f"{where}.data", "a list", _shorten(data))
    count = math.prod(shape)
    if not data or not isinstance(data[0], list):
        if len(data) != count:
            raise BadValue(f"{where}.data", f"{count} values for the shape {list(shape)}", f"{len(data)} values")
        return data
    level = [data]
    for size in shape:
        if set(map(type, level)) != {list} or set(map(len, level)) != {size}:
            raise BadValue(f"{where}.data", f"lists nested as the shape {list(shape)}, or one flat list", "other lists")
        level = list(chain.from_iterable(level))
    return level


def _convert(spec: TensorSpec, values: list[Any], where: str) -> NDArray[Any]:
    """Checked by the set of types in it: without a step in Python for each value."""
    wanted = np.dtype(NUMPY_TYPES[spec.datatype])
    may_miss = spec.optional and wanted.kind in "fO"
    types = set(map(type, values)) - ({type(None)} if may_miss else set())
    if spec.datatype in {"BYTES", "BOOL"}:
        only: type = str if spec.datatype == "BYTES" else bool
        if types != {only} and (types or not may_miss):
            raise BadValue(f"{where}.data", f"{_WORDS[only]} for {spec.datatype}", _name_types(types - {only}))
        return np.array(values, dtype=wanted)
    if not types <= {int, float}:
        raise BadValue(f"{where}.data", f"numbers for {spec.datatype}", _name_types(types - {int, float}))
    if wanted.kind == "f":
        return _to_floats(spec, values, wanted, where)
    return _to_integers(spec, values, types, where)


def _to_floats(spec: TensorSpec, values: list[Any], wanted: np.dtype[Any], where: str) -> NDArray[Any]:
    with np.errstate(over="ignore"):
        array = np.array(values, dtype=wanted)  # null becomes NaN
    if np.isinf(array).any():
        raise BadValue(f"{where}.data", f"values in the range of {spec.datatype}", f"one beyond {np.finfo(wanted).max}")
    return array


def _to_integers(spec: TensorSpec, values: list[Any], types: set[type], where: str) -> NDArray[Any]:
    limits = np.iinfo(NUMPY_TYPES[spec.datatype])
    expected = f"whole numbers from {limits.min} to {limits.max} for {spec.datatype}"
    if float in types:
        # JSON does not tell 1.0 from 1, and JavaScript writes either.
        for value in values:
            if value != int(value):
                raise BadValue(f"{where}.data", expected, value)
        values = list(map(int, values))
    try:
        return np.array(values, dtype=limits.dtype)
    except OverflowError:
        raise BadValue(f"{where}.data", expected, f"values from {min(values)} to {max(values)}") from None


_WORDS: dict[type, str] = {
    str: "texts", bool: "true or false", int: "numbers", float: "numbers", list: "lists", dict: "objects",
    type(None): "null",
}  # fmt: skip


def _name_types(types: set[type]) -> str:
    return ", ".join(sorted({_WORDS[found] for found in types}))


def _shorten(value: Any) -> Any:
    text = repr(value)
    return value if len(text) <= 60 else f"{text[:57]}..."


def _to_text(value: Any, spec: TensorSpec, model: str) -> str:
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise BadData(
                model, f"its output {spec.name} holds bytes that are no text, which JSON cannot say"
            ) from None
    return str(value)
