"""Read texts with their labels for training: from class folders of text files, or from the columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.data.bad_rows import BadRows, read_usable
from dix.data.detect import detect_format
from dix.data.files import list_data_files, read_contents
from dix.data.image_files import check_layout, find_class
from dix.data.labels import read_labels
from dix.data.scalars import read_texts
from dix.data.tables import TABLE_FORMATS, read_batches
from dix.data.tensors import ColumnPlace
from dix.data.text_files import decode_text
from dix.errors import BadData
from dix.store.listing import StoredFile
from dix.store.store import Store


@dataclass(frozen=True, slots=True)
class TextOptions:
    """How texts are read for training; `bad_rows` counts what is left out of one data set."""

    text_column: str = "text"
    label_column: str = "label"
    memory_bytes: int = 1 << 62
    bad_rows: BadRows = field(default_factory=BadRows)


@dataclass(frozen=True, slots=True)
class LabelledTexts:
    """`texts` and `labels`, object arrays [n] of texts."""

    texts: NDArray[Any]
    labels: NDArray[Any]


def read_labelled_texts(store: Store, uri: str, options: TextOptions) -> LabelledTexts:
    """In order of path and row, so that the same data gives the same arrays.

    Raises DataMissing when nothing lies there, BadData naming file, column and row for what cannot be used: a text that
    is missing or blank, a missing label, a file that is not UTF-8.
    """
    found = detect_format(store, uri, list_data_files(store, uri), looks_inside=not options.bad_rows.are_tolerated)
    if found.format == "text":
        check_layout(store, uri, found.files, "text")
        pieces = _read_files(store, found.files, options)
        total = len(found.files)
    elif found.format in TABLE_FORMATS:
        pieces, total = _read_tables(store, found.files, found.format, options)
    else:
        todo = "give it class folders of .txt files, or a table with a text column"
        raise BadData(uri, f"texts cannot be read from {found.describe()}", todo)
    if not total:
        raise BadData(uri, "there are no rows")
    options.bad_rows.finish(uri, total)
    texts = LabelledTexts(*(np.concatenate(arrays) for arrays in zip(*pieces, strict=True)))
    _check_memory(uri, texts, options)
    return texts


_Piece = tuple[NDArray[Any], NDArray[Any]]


def _read_files(store: Store, files: Sequence[StoredFile], options: TextOptions) -> list[_Piece]:
    texts: list[str] = []
    labels: list[str | None] = []
    for file, content in zip(files, read_contents(store, files), strict=True):
        try:
            text = decode_text(content, file.uri)
            if not text.strip():
                raise BadData(file.uri, "the file holds no text")
        except BadData as error:
            options.bad_rows.leave_out(error)
            continue
        texts.append(text)
        labels.append(find_class(file.path))
    return [(np.array(texts, dtype=object), np.array(labels, dtype=object))]


def _read_tables(
    store: Store, files: Sequence[StoredFile], format: str, options: TextOptions
) -> tuple[list[_Piece], int]:
    pieces: list[_Piece] = []
    total = 0
    for file in files:
        first_row = 0
        for batch in read_batches(store, file, format, [options.text_column, options.label_column]):

            def read(start: int, stop: int, batch: Any = batch, uri: str = file.uri, row: int = first_row) -> _Piece:
                return _read_rows(batch.slice(start, stop - start), uri, options, row + start)

            pieces += [piece for _, _, piece in read_usable(read, batch.num_rows, options.bad_rows)]
            first_row += batch.num_rows
        total += first_row
    return pieces, total


def _read_rows(batch: Any, uri: str, options: TextOptions, first_row: int) -> _Piece:
    place = ColumnPlace(uri, options.text_column, first_row)
    texts = read_texts(batch.column(0), place)
    blank = np.flatnonzero([not text.strip() for text in texts])
    if len(blank):
        raise place.complain(int(blank[0]), "the text is blank", "fill it in, or leave the row out")
    return texts, read_labels(batch.column(1), uri, options.label_column, first_row)


def _check_memory(uri: str, texts: LabelledTexts, options: TextOptions) -> None:
    # As a Python text and cut into words, a letter takes some eight times the memory that it has in a file.
    if 8 * sum(map(len, texts.texts)) > options.memory_bytes:
        raise BadData(
            uri, f"its texts take more than the {options.memory_bytes >> 20} MiB of memory that the node has",
            "give the node more memory",
        )  # fmt: skip
