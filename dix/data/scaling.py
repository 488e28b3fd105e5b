"""Learn how columns of numbers spread, and bring them to one scale, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

METHODS = ("zscore", "minmax", "robust")


@dataclass(frozen=True, slots=True)
class Scale:
    """A column's numbers become (number - center) / width; width 0 stands for a constant column, which becomes 0.

    `missing` counts what was neither a number nor finite when it was learned.
    """

    center: float
    width: float
    missing: int = 0


def is_numeric(kind: pa.DataType) -> bool:
    """Whether a column can be brought to a scale."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def learn_scales(batches: Iterable[pa.RecordBatch], columns: Sequence[str], method: str) -> dict[str, Scale]:
    """The scale of each column; zscore and minmax hold one batch at a time, robust holds the columns themselves."""
    learners: dict[str, _Learner] = {name: _LEARNERS[method]() for name in columns}
    for batch in batches:
        for name in columns:
            learners[name].add(_read_numbers(batch.column(name)))
    return {name: learner.finish() for name, learner in learners.items()}


def apply_scales(batch: pa.RecordBatch, scales: Mapping[str, Scale]) -> pa.RecordBatch:
    """The batch with its columns brought to scale as float64; what is missing stays as it is."""
    arrays = list(batch.columns)
    for name, scale in scales.items():
        place = batch.schema.get_field_index(name)
        numbers = _read_numbers(arrays[place])
        scaled = (numbers - scale.center) / scale.width if scale.width else np.where(np.isnan(numbers), np.nan, 0.0)
        arrays[place] = pa.array(scaled, mask=np.asarray(pc.is_null(arrays[place])))
    return pa.RecordBatch.from_arrays(arrays, schema=scale_schema(batch.schema, scales))


def scale_schema(schema: pa.Schema, scales: Mapping[str, Scale]) -> pa.Schema:
    """The columns after `apply_scales`."""
    return pa.schema([field.with_type(pa.float64()) if field.name in scales else field for field in schema])


class _Learner:
    """Takes the numbers of one column batch by batch; NaN and infinite ones are counted and left out."""

    def __init__(self) -> None:
        self.missing = 0

    def add(self, numbers: NDArray[np.float64]) -> None:
        finite = numbers[np.isfinite(numbers)]
        self.missing += len(numbers) - len(finite)
        if len(finite):
            self.take(finite)

    def take(self, numbers: NDArray[np.float64]) -> None:
        raise NotImplementedError

    def finish(self) -> Scale:
        raise NotImplementedError


class _Spread(_Learner):
    """Mean and deviation, joined batch by batch (Chan, Golub and LeVeque, 1979), so that great numbers lose nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._mean = self._squares = 0.0
        self._low, self._high = np.inf, -np.inf

    def take(self, numbers: NDArray[np.float64]) -> None:
        count, mean = len(numbers), float(numbers.mean())
        apart, whole = mean - self._mean, self._count + len(numbers)
        self._squares += float(np.square(numbers - mean).sum()) + apart * apart * self._count * count / whole
        self._mean += apart * count / whole
        self._count = whole
        self._low, self._high = min(self._low, float(numbers.min())), max(self._high, float(numbers.max()))

    def finish(self) -> Scale:
        # A constant column has a deviation of rounding errors, not of 0.
        is_constant = not self._count or self._low == self._high
        width = 0.0 if is_constant else float(np.sqrt(self._squares / self._count))
        return Scale(self._mean, width, self.missing)


class _Edges(_Learner):
    """The least and the greatest."""

    def __init__(self) -> None:
        super().__init__()
        self._low, self._high = np.inf, -np.inf

    def take(self, numbers: NDArray[np.float64]) -> None:
        self._low, self._high = min(self._low, float(numbers.min())), max(self._high, float(numbers.max()))

    def finish(self) -> Scale:
        if not np.isfinite(self._low):
            return Scale(0.0, 0.0, self.missing)
        return Scale(self._low, self._high - self._low, self.missing)


class _Quartiles(_Learner):
    """The median, and how far the quartiles are apart."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[NDArray[np.float64]] = []

    def take(self, numbers: NDArray[np.float64]) -> None:
        self._kept.append(numbers)

    def finish(self) -> Scale:
        if not self._kept:
            return Scale(0.0, 0.0, self.missing)
        low, middle, high = np.quantile(np.concatenate(self._kept), [0.25, 0.5, 0.75])
        return Scale(float(middle), float(high - low), self.missing)


_LEARNERS: dict[str, type[_Learner]] = dict(zip(METHODS, (_Spread, _Edges, _Quartiles), strict=True))


def _read_numbers(column: Any) -> NDArray[np.float64]:
    """The numbers of a column; NaN for what is missing."""
    values = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64)
