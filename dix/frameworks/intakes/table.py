"""Tables: each column is an input of its own; numbers come to one scale, categories to places in a vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.errors import BadValue
from dix.frameworks.base import Columns, TensorSpec
from dix.frameworks.intakes.base import Intake

# Between so many numbers that divide a column evenly it is taken for straight.
_KNOTS = 65


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """One column of numbers: `knots` are numbers of the data in rising order, `heights` what they become.

    Between them it goes straight on. Beyond the ends a number becomes what the end becomes, or with `extends` goes on
    as between the last two. With `may_miss` a missing number becomes 0, and 1 in a place of its own.
    """

    name: str
    knots: tuple[float, ...]
    heights: tuple[float, ...]
    extends: bool
    may_miss: bool

    def prepare(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The numbers on the common scale, NaN where they are missing."""
        if not self.extends:
            return np.interp(values, self.knots, self.heights)
        (x, beyond), (y, above) = self.knots, self.heights
        return y + (values - x) * ((above - y) / (beyond - x))


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """One column of texts; each of `values` has the place after its own, 0 is for all others. A missing one is ""."""

    name: str
    values: tuple[str, ...]

    def prepare(self, texts: NDArray[Any]) -> NDArray[np.int64]:
        """The places of texts."""
        places = {text: place for place, text in enumerate(self.values, 1)}
        return np.fromiter((places.get(text or "", 0) for text in texts), np.int64, len(texts))


@dataclass(frozen=True, slots=True)
class TableIntake:
    """An input a column, in `order`, by its name: FP64 [n] for numbers, BYTES [n] for categories.

    The tensors are `numbers`, float32 [n, numbers and places for what is missing], and `categories`, int64 [n, texts].
    """

    KIND: ClassVar[str] = "table"

    order: tuple[str, ...]
    numbers: tuple[NumberColumn, ...]
    categories: tuple[CategoryColumn, ...]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        by_name = {one.name: TensorSpec(one.name, "FP64", (-1,), one.may_miss) for one in self.numbers}
        by_name |= {one.name: TensorSpec(one.name, "BYTES", (-1,), optional=True) for one in self.categories}
        return tuple(by_name[name] for name in self.order)

    @property
    def width(self) -> int:
        """How many numbers a row has."""
        return len(self.numbers) + sum(one.may_miss for one in self.numbers)

    def prepare(self, columns: Columns) -> dict[str, NDArray[Any]]:
        rows = len(columns[self.order[0]])
        numbers = np.zeros((rows, self.width), np.float32)
        flag = len(self.numbers)
        for place, one in enumerate(self.numbers):
            scaled = one.prepare(columns[one.name])
            missing = np.isnan(scaled)
            if one.may_miss:
                numbers[:, flag] = missing
                flag += 1
            elif missing.any():
                row = int(np.flatnonzero(missing)[0])
                raise BadValue(one.name, "a number in each row, as in the training", f"none in row {row}")
            numbers[:, place] = np.where(missing, 0.0, scaled)
        categories = np.zeros((rows, len(self.categories)), np.int64)
        for place, texts in enumerate(self.categories):
            categories[:, place] = texts.prepare(columns[texts.name])
        return {"numbers": numbers, "categories": categories}


def fit_table(columns: Mapping[str, NDArray[Any]], *, scale: str, min_count: int) -> TableIntake:
    """The intake for a training with `columns`, float64 [n] or texts [n].

    Numbers with `scale` standard get mean 0 and deviation 1; with `quantile` they are spread evenly over the same
    width, whatever their shape. A category that occurs less than `min_count` times is taken for unknown. Raises
    BadValue for a column without a value.
    """
    numbers = [_fit_numbers(name, values, scale) for name, values in columns.items() if values.dtype != object]
    categories = [_fit_categories(name, texts, min_count) for name, texts in columns.items() if texts.dtype == object]
    return TableIntake(tuple(columns), tuple(numbers), tuple(categories))


def _fit_numbers(name: str, values: NDArray[np.float64], scale: str) -> NumberColumn:
    missing = np.isnan(values)
    known = values[~missing]
    if not len(known):
        raise BadValue(name, "a column with numbers in it", "all are missing", "name it in ignore")
    may_miss = bool(missing.any())
    if scale == "quantile":
        shares = np.linspace(0.0, 1.0, _KNOTS)
        knots, inverse = np.unique(np.quantile(known, shares), return_inverse=True)
        # Numbers that occur often fill several quantiles, and get the middle of them.
        heights = np.bincount(inverse, weights=shares) / np.bincount(inverse)
        spread = np.sqrt(12.0) * (heights - 0.5)
        return NumberColumn(name, tuple(knots.tolist()), tuple(spread.tolist()), extends=False, may_miss=may_miss)
    mean, deviation = float(known.mean()), float(known.std())
    deviation = deviation if deviation > 1e-12 * max(1.0, abs(mean)) else max(1.0, abs(mean))
    return NumberColumn(name, (mean, mean + deviation), (0.0, 1.0), extends=True, may_miss=may_miss)


def _fit_categories(name: str, texts: NDArray[Any], min_count: int) -> CategoryColumn:
    counted = Counter(text or "" for text in texts)
    return CategoryColumn(name, tuple(sorted(text for text, count in counted.items() if count >= min_count)))


_: type[Intake] = TableIntake
