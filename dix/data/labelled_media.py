"""Read labelled sounds or clips for training: class folders of files, or a table with a column of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.data.bad_rows import BadRows, read_usable
from dix.data.detect import Detection
from dix.data.image_files import check_layout, find_class
from dix.data.labels import read_labels
from dix.data.media import Medium, decode_units, detect_media
from dix.data.tables import TABLE_FORMATS, check_columns, read_batches, read_schema
from dix.data.tensors import ColumnPlace, read_media_column
from dix.errors import BadData
from dix.store.store import Store

_BATCH_ROWS = 64


@dataclass(frozen=True, slots=True)
class MediaOptions:
    """How examples are read for training.

    `prepare` makes of each, as soon as it is read, what is kept in memory: arrays of one shape. `memory_bytes` is what
    all of them may take; `threads` decode side by side. `bad_rows` counts what is left out of one data set.
    """

    medium: Medium
    column: str
    label_column: str
    prepare: Callable[[NDArray[Any]], NDArray[Any]]
    memory_bytes: int = 1 << 62
    threads: int = 1
    bad_rows: BadRows = field(default_factory=BadRows)


@dataclass(frozen=True, slots=True)
class LabelledMedia:
    """`examples` [n, ...] as they were prepared, `labels` n texts."""

    examples: NDArray[Any]
    labels: NDArray[Any]


def read_labelled_media(store: Store, uri: str, options: MediaOptions) -> LabelledMedia:
    """All examples with their labels, in order of path and row, so that the same data gives the same arrays.

    Raises DataMissing when nothing lies there, BadData naming the file, or the column and row, for what cannot be used.
    """
    found = detect_media(store, uri, options.medium, looks_inside=not options.bad_rows.are_tolerated)
    read = _read_tables if found.format in TABLE_FORMATS else _read_folders
    examples: list[NDArray[Any]] = []
    labels: list[str] = []
    size_bytes = 0
    for label, example in read(store, uri, found, options):
        examples.append(options.prepare(example))
        labels.append(label)
        size_bytes += examples[-1].nbytes
        if size_bytes > options.memory_bytes:
            raise BadData(
                uri, f"its examples take more than the {options.memory_bytes >> 20} MiB of memory that the node has",
                "give the node more memory, or set smaller sizes",
            )  # fmt: skip
    return LabelledMedia(np.stack(examples), np.array(labels, dtype=object))


def _read_folders(
    store: Store, uri: str, found: Detection, options: MediaOptions
) -> Iterator[tuple[str, NDArray[Any]]]:
    check_layout(store, uri, found.files, options.medium.word)
    units = options.medium.list_units(found.files)
    for unit, example in zip(units, decode_units(store, units, options.medium, options.threads), strict=True):
        if isinstance(example, BadData):
            options.bad_rows.leave_out(example)
        else:
            yield str(find_class(unit[0].path)), example
    options.bad_rows.finish(uri, len(units))


def _read_tables(store: Store, uri: str, found: Detection, options: MediaOptions) -> Iterator[tuple[str, NDArray[Any]]]:
    columns, total = [options.column, options.label_column], 0
    for file in found.files:
        first_row = 0
        check_columns(file.uri, read_schema(store, file, found.format), columns)
        for batch in read_batches(store, file, found.format, columns, batch_rows=_BATCH_ROWS):
            yield from _read_batch(batch, ColumnPlace(file.uri, options.column, first_row), options)
            first_row += batch.num_rows
        total += first_row
    if not total:
        raise BadData(uri, "there are no rows")
    options.bad_rows.finish(uri, total)


def _read_batch(batch: Any, place: ColumnPlace, options: MediaOptions) -> Iterator[tuple[str, NDArray[Any]]]:
    def read(start: int, stop: int) -> tuple[NDArray[Any], Sequence[NDArray[Any]]]:
        part, first_row = batch.slice(start, stop - start), place.first_row + start
        labels = read_labels(part.column(1), place.uri, options.label_column, first_row)
        return labels, read_media_column(
            part.column(0), ColumnPlace(place.uri, place.column, first_row), options.medium
        )

    for _, _, (labels, examples) in read_usable(read, batch.num_rows, options.bad_rows):
        yield from zip(labels, examples, strict=True)
