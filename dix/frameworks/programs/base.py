"""A loaded program: a model that was saved whole, and says itself what it takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from dix.errors import BadModel
from dix.frameworks.base import Columns, TensorSpec


@dataclass(frozen=True, slots=True)
class Program:
    """`inputs` and `outputs` have -1 first. `run` takes the inputs as arrays of as many rows, and answers each output.

    It takes exactly `rows` rows at a time where that is more than 0, otherwise any number from `least` on.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    run: Callable[[Columns], dict[str, NDArray[Any]]]
    rows: int = 0
    least: int = 1


def check_tensors(uri: str, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...]) -> None:
    """Raises BadModel for a program that cannot be asked row by row."""
    if not inputs or not outputs:
        raise BadModel(uri, "it says of no input, or of no output, what shape it has; save it with its shapes")
    for what, specs in (("input", inputs), ("output", outputs)):
        for spec in specs:
            if not spec.shape or spec.shape[0] != -1:
                raise BadModel(uri, f"its {what} {spec.name} has no row for each row that is asked")
