"""A program that answers batches, whatever framework saved it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.errors import BadValue
from dix.frameworks.base import Columns, ModelCard, Predictor, TensorSpec
from dix.frameworks.checking import NUMPY_TYPES, check_input
from dix.frameworks.programs.base import Program

# As many rows a pass, where the program takes any number.
_PASS = 128


class ProgramPredictor:
    """Answers what the program says, as it says it; see `Predictor`."""

    def __init__(self, card: ModelCard, program: Program) -> None:
        self._card = replace(card, inputs=program.inputs, outputs=program.outputs)
        self._program = program

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, columns: Columns) -> dict[str, NDArray[Any]]:
        given = {spec.name: _stack(spec, check_input(spec, columns)) for spec in self._card.inputs}
        count = len(next(iter(given.values())))
        if count == 0:
            return {spec.name: _make_empty(spec) for spec in self._card.outputs}
        size = self._program.rows or _PASS
        parts = [
            self._ask({name: values[start : start + size] for name, values in given.items()})
            for start in range(0, count, size)
        ]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _ask(self, columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """One pass; where the program wants more rows, the last one is repeated, and what that answers left out."""
        count = len(next(iter(columns.values())))
        missing = max(self._program.rows, self._program.least) - count
        if missing > 0:
            columns = {
                name: np.concatenate([values, values[-1:].repeat(missing, 0)]) for name, values in columns.items()
            }
        return {name: values[:count] for name, values in self._program.run(columns).items()}


def _stack(spec: TensorSpec, values: NDArray[Any]) -> NDArray[Any]:
    """Rows that came one by one, as one array."""
    if values.dtype != object or spec.datatype == "BYTES":
        return values
    shapes = sorted({np.shape(value) for value in values})
    if len(shapes) > 1:
        raise BadValue(spec.name, "rows of one shape at a time", [list(shape) for shape in shapes[:2]])
    return np.stack(list(values)) if len(values) else _make_empty(spec)


def _make_empty(spec: TensorSpec) -> NDArray[Any]:
    return np.zeros((0, *(max(0, size) for size in spec.shape[1:])), dtype=NUMPY_TYPES[spec.datatype])


def make_program_predictor(card: ModelCard, program: Program) -> Predictor:
    """The predictor of a model whose program was loaded."""
    return ProgramPredictor(card, program)
