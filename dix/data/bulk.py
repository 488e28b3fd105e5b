"""The interface of bulk prediction: a data set goes in, the same rows with answers come out as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from dix.data.media import Medium
from dix.store.store import Store

# Rows that a predictor is asked at a time unless the order says otherwise.
BATCH_ROWS = 1024


class Answers(Protocol):
    """What answers a batch: each wanted tensor as an array of n rows in, answers out."""

    def predict(self, columns: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """Each answer is an array of n rows: texts as an object array, or numbers; the first is the prediction.

        A classifier's are `label`, texts [n], and `probabilities`, float32 [n, classes].
        """


@dataclass(frozen=True, slots=True)
class WantedTensor:
    """One input of the predictor, and the column of a table that it is taken from; or `columns`, one for each number.

    `dtype` is numpy's name, object for texts; `shape` is that of one row, -1 is any size. Values may be missing where
    it is `optional`. Image files have one tensor, the image; so have files of another `medium`.
    """

    name: str
    column: str
    dtype: str
    shape: tuple[int, ...]
    optional: bool = False
    medium: Medium | None = None
    columns: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """All columns that it is taken from."""
        return self.columns or (self.column,)


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """What to predict: `source` (any URI) of a `format` (or auto), into the folder `target`, whole or not at all.

    `make_predictor(threads)` is called once in each process that predicts, so it must be picklable. `cpus` and `gpus`
    are the slice that all of those processes share. `classes` is the order of the probabilities, where it is known.
    """

    source: str
    target: str
    tensors: tuple[WantedTensor, ...]
    make_predictor: Callable[[int], Answers]
    format: str = "auto"
    batch_rows: int = BATCH_ROWS
    cpus: float = 1.0
    gpus: float = 0.0
    classes: tuple[str, ...] = ()

    @property
    def medium(self) -> Medium | None:
        """What its files are, where they are no images."""
        return next((tensor.medium for tensor in self.tensors if tensor.medium is not None), None)


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """So many parts of all are written, with so many rows, after `seconds` of work."""

    parts: int
    of: int
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What was done; `startup_seconds` passed before the first row was touched, `seconds` is the work after that."""

    rows: int
    parts: int
    seconds: float
    startup_seconds: float

    @property
    def rows_per_second(self) -> float:
        """The speed of the work itself, start-up left out."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0


class Bulk(Protocol):
    """Predicts a whole data set.

    The rows keep their order and number: part files are numbered in the order of the input. A row has the columns of
    its input except blobs and the tensors themselves, then `prediction`, and the further answers by their names (a
    classifier's `probabilities`); a row from a file (image, sound, clip) has `path`, and `label` where the files lie in
    class folders.

    Memory does not grow with the data. Raises BadData for input that cannot be used, BadModel for the model.
    """

    def __call__(self, store: Store, order: BulkOrder, report: Callable[[BulkProgress], None]) -> BulkReport:
        """Predict all of `order.source`; `report` is called in this process, whenever a part is done."""
