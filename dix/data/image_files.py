"""Read image files: those of class folders for training, any for prediction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from dix.data.files import read_contents
from dix.data.images import decode_image
from dix.data.labelled import ImageBlock, ImageOptions, LabelledImages, OneSize, join_blocks
from dix.errors import BadData
from dix.store.listing import StoredFile
from dix.store.store import Store

# Folder names that divide a data set into sets, not into classes.
_SET_NAMES = {"train", "training", "test", "testing", "valid", "validation", "val", "dev"}
# Decoded photographs are large, so only so many are held at a time.
_DECODED_TOGETHER = 16


def find_class(path: str) -> str | None:
    """The class of a file: the first folder of its path; None where it lies in no folder."""
    folders = PurePosixPath(path).parts[:-1]
    return folders[0] if folders else None


def count_classes(files: Sequence[StoredFile]) -> dict[str, int]:
    """How many files each class folder holds; empty when some file lies in no folder."""
    classes = [find_class(file.path) for file in files]
    return dict(Counter(name for name in classes if name is not None)) if None not in classes else {}


def check_layout(store: Store, uri: str, files: Sequence[StoredFile], kind: str) -> None:
    """Raises BadData unless each file, of the `kind` (image, text), lies in a folder of its class and none is empty."""
    loose = next((file.path for file in files if find_class(file.path) is None), None)
    if loose is not None:
        raise BadData(uri, f"{loose} lies in no class folder", f"put each {kind} into a folder named as its class")
    classes = count_classes(files)
    if {name.lower() for name in classes} <= _SET_NAMES:
        first = next(iter(classes))
        raise BadData(uri, f"its folders are sets ({', '.join(classes)}), not classes", f"name one of them: {first}")
    for name in _list_folders(store, uri):
        if name not in classes:
            raise BadData(uri, f"the class folder {name} has no {kind}s", "fill it, or remove it")


def decode_files(
    store: Store, files: Sequence[StoredFile], threads: int = 1, colours: int | None = None
) -> Iterator[NDArray[np.uint8]]:
    """The pixels of each file, in order; a bounded number is held in memory."""
    for image in _decode_each(store, files, threads, colours):
        if isinstance(image, BadData):
            raise image
        yield image


def _decode_each(
    store: Store, files: Sequence[StoredFile], threads: int, colours: int | None = None
) -> Iterator[NDArray[np.uint8] | BadData]:
    """The same, with what is wrong in the place of a file that cannot be decoded."""
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(files), _DECODED_TOGETHER):
            group = files[start : start + _DECODED_TOGETHER]
            contents = read_contents(store, group)
            if threads == 1:
                for file, content in zip(group, contents, strict=True):
                    yield _try_to_decode(content, file.uri, colours)
            else:
                uris = [file.uri for file in group]
                yield from pool.map(_try_to_decode, contents, uris, [colours] * len(group))


def _try_to_decode(content: bytes, uri: str, colours: int | None) -> NDArray[np.uint8] | BadData:
    try:
        return decode_image(content, uri, colours)
    except BadData as error:
        return error


def read_class_folders(store: Store, uri: str, files: Sequence[StoredFile], options: ImageOptions) -> LabelledImages:
    """All images of a folder that has one folder a class, with their classes as labels.

    Raises BadData when they are not laid out so, when a class is empty, and for images that cannot be used.
    """
    check_layout(store, uri, files, "image")
    labels: list[str | None] = []
    images = join_blocks(uri, _read_blocks(store, uri, files, options, labels), options)
    return LabelledImages(images, np.array(labels, dtype=object))


def _read_blocks(
    store: Store, uri: str, files: Sequence[StoredFile], options: ImageOptions, labels: list[str | None]
) -> Iterator[ImageBlock]:
    """The images that can be used; the label of each is put into `labels` on the way."""
    one_size = OneSize(options)
    for file, image in zip(files, _decode_each(store, files, options.threads), strict=True):
        try:
            if isinstance(image, BadData):
                raise image
            block = ImageBlock(file.uri, image[None])
            one_size.check(block)
        except BadData as error:
            options.bad_rows.leave_out(error)
            continue
        labels.append(find_class(file.path))
        yield block
    options.bad_rows.finish(uri, len(files))


def _list_folders(store: Store, uri: str) -> list[str]:
    """Names of the folders there, also empty ones, which only a folder on this machine can have."""
    path = store.local_path(uri)
    if path is None:
        return []
    return sorted(entry.name for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
