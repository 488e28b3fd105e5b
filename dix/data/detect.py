"""Find out in what format data lies, and refuse a file that is not what its name or its node says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dix.data.files import read_head
from dix.data.formats import FORMATS, HEAD_BYTES, is_compressed, name_format, sniff_formats
from dix.errors import BadData, BadValue
from dix.store.listing import StoredFile
from dix.store.store import Store

MIXED = "mixed"
# How many files are opened to compare their content with their name.
_SAMPLE = 16


@dataclass(frozen=True, slots=True)
class Detection:
    """`files` are those of the format; `found` counts every format that lies there. `format` may be `mixed`."""

    format: str
    files: tuple[StoredFile, ...]
    found: dict[str, int]

    def describe(self) -> str:
        """The format in words: `images`, or `mixed (12 images, 1 csv)`."""
        if self.format != MIXED:
            return self.format
        return f"{MIXED} ({', '.join(f'{count} {name}' for name, count in self.found.items())})"


def detect_format(
    store: Store, uri: str, files: Sequence[StoredFile], wanted: str = "auto", *, looks_inside: bool = True
) -> Detection:
    """The format of the files of a data set.

    `wanted` names a format, and files of other formats are then left out; `auto` takes what there is, and answers
    `mixed` when that is more than one, `files` when nothing is known. Some files, spread over all, are opened: raises
    BadData naming the first whose content is not what its name says, or when nothing of the wanted format lies there.
    Who reads all of them anyway, and may leave some out, does without that look (`looks_inside`).
    """
    if wanted not in ("auto", *FORMATS):
        raise BadValue("format", f"auto, {', '.join(FORMATS)}", wanted)
    if wanted == "files":
        return Detection("files", tuple(files), {"files": len(files)})
    formats = _find_formats(store, files)
    found = dict(Counter(formats).most_common())
    native = formats[0] if len(found) == 1 else MIXED
    chosen = native if wanted == "auto" else wanted
    mine = tuple(file for file, name in zip(files, formats, strict=True) if chosen == MIXED or _serves(name, chosen))
    if not mine:
        there = ", ".join(found)
        raise BadData(uri, f"{files[0].path} is {formats[0]}, not {wanted}", f"set format: auto or {there}")
    for file in mine[:: max(1, len(mine) // _SAMPLE)] if looks_inside else ():
        check_content(store, file, name_format(file.path) or chosen)
    return Detection(chosen, mine, found)


def check_content(store: Store, file: StoredFile, claimed: str) -> None:
    """Raise BadData when the first bytes of the file are of another format than the claimed one."""
    if is_compressed(file.path) or claimed in ("files", MIXED):
        return
    if file.size_bytes == 0 and claimed != "text":
        raise BadData(file.uri, f"the file is empty, {claimed} was expected")
    formats = sniff_formats(read_head(store, file, HEAD_BYTES))
    unknown_is_wrong = claimed in ("parquet", "numpy", "hdf5")
    if (formats and not any(_serves(name, claimed) for name in formats)) or (unknown_is_wrong and not formats):
        what = formats[0] if formats else "something else"
        raise BadData(file.uri, f"the file should be {claimed}, but it holds {what}")


def _find_formats(store: Store, files: Sequence[StoredFile]) -> list[str]:
    """The format of each file by its name; where names tell nothing, some files are opened and stand for the rest."""
    formats = [name_format(file.path) for file in files]
    unknown = [i for i, name in enumerate(formats) if name is None]
    step = max(1, len(unknown) // _SAMPLE)
    for start in range(0, len(unknown), step):
        sniffed = sniff_formats(read_head(store, files[unknown[start]], HEAD_BYTES))
        for i in unknown[start : start + step]:
            formats[i] = sniffed[0] if sniffed else "files"
    return [name or "files" for name in formats]


def _serves(name: str, wanted: str) -> bool:
    """Whether a file of format `name` can be read as `wanted`: CSV and JSON are text, a table in .txt may be CSV."""
    return name == wanted or (wanted in ("text", "csv", "json") and name in ("text", "csv", "json"))
