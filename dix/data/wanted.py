"""Bring arrays into the type and shape that a predictor wants, or say which row does not fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.data.bulk import WantedTensor
from dix.errors import BadData

NameRow = Callable[[int], str]


def count_colours(wanted: WantedTensor) -> int | None:
    """How many colours an encoded image is read with: 1 for a tensor [h, w], 3 for [h, w, 3]."""
    if len(wanted.shape) == 2:
        return 1
    return 3 if len(wanted.shape) == 3 and wanted.shape[2] == 3 else None


def fit_arrays(arrays: NDArray[Any] | Sequence[NDArray[Any]], wanted: WantedTensor, name_row: NameRow) -> NDArray[Any]:
    """Rows as one array of the wanted type; as an object array of arrays where they have different sizes and may.

    Raises BadData with the row's name for a shape that does not fit, and for numbers that the type cannot hold.
    """
    if isinstance(arrays, np.ndarray):
        if len(arrays):
            _check_shape(arrays[0], wanted, name_row(0))
        return _to_type(arrays, wanted, name_row)
    for row, array in enumerate(arrays):
        _check_shape(array, wanted, name_row(row))
    if len({array.shape for array in arrays}) == 1:
        return _to_type(np.stack(arrays), wanted, name_row)
    fitted = np.empty(len(arrays), dtype=object)
    for row, array in enumerate(arrays):
        fitted[row] = _to_type(array[None], wanted, partial(_name_only, name_row(row)))[0]
    return fitted


def _name_only(name: str, _: int) -> str:
    return name


def _check_shape(array: NDArray[Any], wanted: WantedTensor, name: str) -> None:
    fits = array.ndim == len(wanted.shape) and all(
        want in (-1, have) for want, have in zip(wanted.shape, array.shape, strict=True)
    )
    if not fits:
        raise BadData(name, f"its shape is {_say(array.shape)}, the model takes {_say(wanted.shape)}")


def _to_type(array: NDArray[Any], wanted: WantedTensor, name_row: NameRow) -> NDArray[Any]:
    target = np.dtype(wanted.dtype)
    if array.dtype == target:
        return array
    converted = array.astype(target)
    if target.kind in "iu":
        wrong = (converted != array).reshape(len(array), -1).any(axis=1)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            low, high = array[row].min(), array[row].max()
            raise BadData(name_row(row), f"its numbers, from {low} to {high}, are not all {wanted.dtype}")
    return converted


def _say(shape: tuple[int, ...]) -> str:
    return " x ".join("any" if size == -1 else str(size) for size in shape) or "one number"
