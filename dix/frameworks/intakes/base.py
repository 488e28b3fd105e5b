"""The interface of an intake: raw values, as they are stored, to the tensors that a net takes.

What it has to know of the training data (sizes, vocabularies, means) is found by the function beside it that makes it,
and lies in the model's card as `preprocessing`, so that answering cannot differ from training. It is the same code
whatever framework the net is of, and numpy alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, TypeAlias

from numpy.typing import NDArray

from dix.frameworks.base import Columns, TensorSpec

Tensors: TypeAlias = Mapping[str, NDArray[Any]]


class Intake(Protocol):
    """A frozen dataclass of plain values: its fields are what is kept in the card, its `KIND` says which it is."""

    KIND: ClassVar[str]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What the model is asked with: raw values as stored, the first dimension -1."""

    def prepare(self, columns: Columns) -> dict[str, NDArray[Any]]:
        """The tensors of n rows, for columns that fit `inputs`; raises BadValue naming the input and the row."""
