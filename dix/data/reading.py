"""Read a data set for training, whatever it lies in."""

from __future__ import annotations

from dix.data.detect import MIXED, detect_format
from dix.data.files import list_data_files
from dix.data.image_files import read_class_folders
from dix.data.image_tables import read_image_tables
from dix.data.labelled import ImageOptions, LabelledImages
from dix.data.tables import TABLE_FORMATS
from dix.errors import BadData
from dix.store.store import Store


def read_labelled_images(store: Store, uri: str, options: ImageOptions, format: str = "auto") -> LabelledImages:
    """Images with their labels from class folders of image files, or from a table with an image column.

    In order of path and row, so that the same data gives the same arrays. Raises DataMissing when nothing lies there,
    BadData for what is no such data.
    """
    files = list_data_files(store, uri)
    found = detect_format(store, uri, files, format, looks_inside=not options.bad_rows.are_tolerated)
    if found.format == "images":
        return read_class_folders(store, uri, found.files, options)
    if found.format in TABLE_FORMATS:
        return read_image_tables(store, uri, found.files, found.format, options)
    todo = "give it class folders of image files, or Parquet or JSON with an image column"
    if found.format == MIXED:
        raise BadData(uri, f"it is {found.describe()}, which cannot be read as one set of images", todo)
    raise BadData(uri, f"images cannot be read from the format {found.format}", todo)
