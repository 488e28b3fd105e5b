"""Read sequences of numbers with their labels from a table with a list column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.data.bad_rows import BadRows, read_usable
from dix.data.detect import detect_format
from dix.data.files import list_data_files
from dix.data.labels import read_labels
from dix.data.tables import TABLE_FORMATS, read_batches
from dix.data.tensors import ColumnPlace, holds_lists, unpack_column
from dix.errors import BadData
from dix.store.store import Store

_BATCH_ROWS = 4096


@dataclass(frozen=True, slots=True)
class SequenceOptions:
    """How sequences are read for training; `bad_rows` counts what is left out of one data set."""

    sequence_column: str
    label_column: str = "label"
    memory_bytes: int = 1 << 62
    bad_rows: BadRows = field(default_factory=BadRows)


@dataclass(frozen=True, slots=True)
class LabelledSequences:
    """`sequences`, an object array of n arrays [steps] or [steps, channels]; `labels` n texts."""

    sequences: NDArray[Any]
    labels: NDArray[Any]


def read_labelled_sequences(store: Store, uri: str, options: SequenceOptions) -> LabelledSequences:
    """In order of path and row. Raises BadData naming file, column and row for what is missing, empty or no number, and
    for other channels than those of the first.
    """
    found = detect_format(store, uri, list_data_files(store, uri))
    if found.format not in TABLE_FORMATS:
        raise BadData(uri, f"it is {found.describe()}", "sequences lie in a list column of parquet or json")
    channels: tuple[int, ...] | None = None
    sequences: list[NDArray[Any]] = []
    labels: list[NDArray[Any]] = []
    total = size_bytes = 0
    for file in found.files:
        first_row = 0
        wanted = [options.sequence_column, options.label_column]
        for batch in read_batches(store, file, found.format, wanted, batch_rows=_BATCH_ROWS):
            place = ColumnPlace(file.uri, options.sequence_column, first_row)
            for some, its_labels in _read_usable(batch, place, options, channels):
                channels = some[0].shape[1:]
                sequences += some
                labels.append(its_labels)
                size_bytes += sum(one.nbytes for one in some)
            # As they were read, and filled up side by side.
            if 3 * size_bytes > options.memory_bytes:
                what = f"its sequences take more than the {options.memory_bytes >> 20} MiB of memory that the node has"
                raise BadData(uri, what, "give the node more memory")
            first_row += batch.num_rows
        total += first_row
    if not total:
        raise BadData(uri, "there are no rows")
    options.bad_rows.finish(uri, total)
    each = np.empty(len(sequences), dtype=object)
    each[:] = sequences
    return LabelledSequences(each, np.concatenate(labels))


def _read_usable(
    batch: Any, place: ColumnPlace, options: SequenceOptions, channels: tuple[int, ...] | None
) -> Iterator[tuple[list[NDArray[Any]], NDArray[Any]]]:
    first = channels

    def read(start: int, stop: int) -> tuple[list[NDArray[Any]], NDArray[Any]]:
        nonlocal first
        part, its_place = (
            batch.slice(start, stop - start),
            ColumnPlace(place.uri, place.column, place.first_row + start),
        )
        some = _read_sequences(part.column(0), its_place, first)
        labels = read_labels(part.column(1), place.uri, options.label_column, its_place.first_row)
        first = some[0].shape[1:]
        return some, labels

    for _, _, piece in read_usable(read, batch.num_rows, options.bad_rows):
        yield piece


def _read_sequences(column: Any, place: ColumnPlace, channels: tuple[int, ...] | None) -> list[NDArray[Any]]:
    if not holds_lists(column.type):
        what = f"column {place.column} is of type {column.type}, which is no sequence"
        raise BadData(place.uri, what, "a sequence is a list of numbers")
    sequences = [np.asarray(one, np.float32) for one in unpack_column(column, place)]
    for row, one in enumerate(sequences):
        channels = one.shape[1:] if channels is None and one.size else channels
        if not one.size:
            raise place.complain(row, "the sequence is empty", "fill it in, or leave the row out")
        if one.ndim > 2 or one.shape[1:] != channels:
            have, want = (f"{list(shape)}" if shape else "one number" for shape in (one.shape[1:], channels or ()))
            raise place.complain(row, f"a step is {have}, those before are {want}")
    return sequences
