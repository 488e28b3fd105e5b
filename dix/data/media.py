"""Files that hold one example each, beside images: read for training and for prediction in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Protocol, TypeAlias

from numpy.typing import NDArray

from dix.data.detect import MIXED, Detection, detect_format
from dix.data.files import list_data_files, read_contents
from dix.data.tables import TABLE_FORMATS
from dix.errors import BadData
from dix.store.listing import StoredFile
from dix.store.store import Store

# A clip is large, so only so many units are held at a time, as files and decoded.
_TOGETHER = 16

# The files of one example: one, or the frames of a clip.
Unit: TypeAlias = tuple[StoredFile, ...]


class Medium(Protocol):
    """One kind of such files, with all that decoding has to know; a frozen dataclass, as it travels to workers."""

    @property
    def word(self) -> str:
        """What one example is called: `sound`."""

    @property
    def formats(self) -> tuple[str, ...]:
        """Of `dix.data.formats`, those that it reads."""

    def list_units(self, files: Sequence[StoredFile]) -> list[Unit]:
        """The files by example, in their order."""

    def decode(self, contents: Sequence[bytes], uri: str) -> NDArray[Any]:
        """One example, from the bytes of its files; raises BadData naming `uri` for what cannot be read."""

    def accept(self, values: NDArray[Any], uri: str) -> NDArray[Any]:
        """The same from numbers that a table holds; raises BadData."""


def detect_media(store: Store, uri: str, medium: Medium, format: str = "auto", *, looks_inside: bool) -> Detection:
    """The files of a data set of such files, or of a table with a column of them; raises BadData for all else.

    Its format is one of the medium's also where several of those lie together.
    """
    files = list_data_files(store, uri)
    found = detect_format(store, uri, files, format, looks_inside=looks_inside)
    if found.format in (*TABLE_FORMATS, *medium.formats):
        return found
    if found.format == MIXED and set(found.found) <= set(medium.formats):
        return Detection(medium.formats[0], found.files, found.found)
    todo = f"give it files of {' or '.join(medium.formats)}, or parquet or json with a column of {medium.word}s"
    raise BadData(uri, f"it is {found.describe()}, from which no {medium.word}s are read", todo)


def decode_units(
    store: Store, units: Sequence[Unit], medium: Medium, threads: int = 1
) -> Iterator[NDArray[Any] | BadData]:
    """Each example in order, or what is wrong in the place of one that cannot be decoded."""

    def decode(contents: Sequence[bytes], uri: str) -> NDArray[Any] | BadData:
        try:
            return medium.decode(contents, uri)
        except BadData as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(units), _TOGETHER):
            group = units[start : start + _TOGETHER]
            stream = read_contents(store, [file for unit in group for file in unit])
            contents = (list(islice(stream, len(unit))) for unit in group)
            uris = [name_unit(unit) for unit in group]
            if threads == 1:
                yield from map(decode, contents, uris)
            else:
                yield from pool.map(decode, contents, uris)


def name_unit(unit: Unit) -> str:
    """What an example is called in a sentence: its file, or the folder of its frames."""
    return unit[0].uri if len(unit) == 1 else unit[0].uri.rpartition("/")[0]


def find_unit_path(unit: Unit) -> str:
    """The path of an example in its data set."""
    return unit[0].path if len(unit) == 1 else unit[0].path.rpartition("/")[0]
