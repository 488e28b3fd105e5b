"""Read images and their labels from the columns of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dix.data.bad_rows import read_usable
from dix.data.labelled import ImageBlock, ImageOptions, LabelledImages, OneSize, join_blocks
from dix.data.labels import read_labels
from dix.data.tables import check_columns, read_batches, read_schema
from dix.data.tensors import ColumnPlace, decode_column, holds_encoded_images, holds_lists, unpack_column
from dix.errors import BadData
from dix.store.listing import StoredFile
from dix.store.store import Store

_BATCH_ROWS = 4096
# Encoded images may be photographs of some megabytes each.
_BATCH_FILES = 64


def read_image_tables(
    store: Store, uri: str, files: Sequence[StoredFile], format: str, options: ImageOptions
) -> LabelledImages:
    """All rows of all files: encoded images, or images as lists of numbers, and a label column.

    Raises BadData naming file, column and row for what cannot be used.
    """
    labels: list[NDArray[Any]] = []
    images = join_blocks(uri, _read_blocks(store, uri, files, format, options, labels=labels), options)
    return LabelledImages(images, np.concatenate(labels))


def _read_blocks(
    store: Store,
    uri: str,
    files: Sequence[StoredFile],
    format: str,
    options: ImageOptions,
    *,
    labels: list[NDArray[Any]],
) -> Iterator[ImageBlock]:
    """The images batch by batch; the labels of each batch are put into `labels` on the way."""
    columns = [options.image_column, options.label_column]
    one_size, total = OneSize(options), 0
    for file in files:
        first_row = 0
        schema = read_schema(store, file, format)
        check_columns(file.uri, schema, columns)
        rows = _BATCH_FILES if holds_encoded_images(schema.field(options.image_column).type) else _BATCH_ROWS
        for batch in read_batches(store, file, format, columns, batch_rows=rows):
            place = ColumnPlace(file.uri, options.image_column, first_row)
            if options.bad_rows.are_tolerated:
                yield from _read_usable(batch, place, options, one_size, labels)
            else:
                labels.append(read_labels(batch.column(1), file.uri, options.label_column, first_row))
                yield from _read_images(batch.column(0), place, options)
            first_row += batch.num_rows
        total += first_row
    if not total:
        raise BadData(files[0].uri, "there are no rows")
    options.bad_rows.finish(uri, total)


def _read_usable(
    batch: pa.RecordBatch, place: ColumnPlace, options: ImageOptions, one_size: OneSize, labels: list[NDArray[Any]]
) -> Iterator[ImageBlock]:
    """The same of a batch, without the rows that cannot be used."""

    def read(start: int, stop: int) -> tuple[NDArray[Any], list[ImageBlock]]:
        part, first_row = batch.slice(start, stop - start), place.first_row + start
        its_labels = read_labels(part.column(1), place.uri, options.label_column, first_row)
        blocks = list(_read_images(part.column(0), ColumnPlace(place.uri, place.column, first_row), options))
        for block in blocks:
            one_size.check(block)
        return its_labels, blocks

    for _, _, (its_labels, blocks) in read_usable(read, batch.num_rows, options.bad_rows):
        labels.append(its_labels)
        yield from blocks


def _read_images(column: pa.Array[Any], place: ColumnPlace, options: ImageOptions) -> Iterator[ImageBlock]:
    name = f"{place.uri}, column {place.column}, from row {place.first_row}"
    if holds_encoded_images(column.type):
        yield from (ImageBlock(name, image[None]) for image in decode_column(column, place))
        return
    if not holds_lists(column.type):
        raise BadData(
            place.uri, f"column {place.column} is of type {column.type}, which is no image",
            "an image is the bytes of a file, or a list of numbers",
        )  # fmt: skip
    unpacked = unpack_column(column, place)
    blocks = [array[None] for array in unpacked] if isinstance(unpacked, list) else [unpacked]
    yield from (ImageBlock(name, _shape_images(block, place, options)) for block in blocks)


def _shape_images(images: NDArray[Any], place: ColumnPlace, options: ImageOptions) -> NDArray[Any]:
    """Flat lists become squares, or what `flat_size` says; one colour in a dimension of its own is taken out."""
    if images.ndim == 2:
        side = round(images.shape[1] ** 0.5)
        height, width = options.flat_size or (side, side)
        if height * width != images.shape[1]:
            raise BadData(
                place.uri, f"column {place.column} has {images.shape[1]} numbers an image, not {height} x {width}",
                "set image_size to height and width",
            )  # fmt: skip
        return images.reshape(-1, height, width)
    if images.ndim == 4 and images.shape[3] == 1:
        return images[:, :, :, 0]
    if images.ndim not in (3, 4) or 0 in images.shape[1:]:
        raise BadData(place.uri, f"column {place.column} has shape {list(images.shape[1:])}, which is no image")
    return images
