"""A first look into data: its beginning, as plain values, whatever its size."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image, UnidentifiedImageError

from dix.data.detect import detect_format
from dix.data.files import list_data_files, read_head
from dix.data.tables import TABLE_FORMATS, read_batches, read_schema
from dix.store.listing import StoredFile
from dix.store.store import Store

MOST_ROWS = 1000
# Of a value that is shown; longer ones are cut and say so.
_LONGEST = 500
_MOST_ITEMS = 20
_TEXT_BYTES = 64 << 10
_MEDIA_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Preview:
    """`rows` by column for tables; for other data a row for each of the first files, with what is known of it.

    `is_whole` says that there is no more.
    """

    format: str
    files: int
    size_bytes: int
    columns: dict[str, str] = field(default_factory=dict)
    rows: tuple[dict[str, Any], ...] = ()
    is_whole: bool = False


def preview_data(store: Store, uri: str, rows: int = 20) -> Preview:
    """The beginning of the data at `uri`; raises DataMissing for nothing, BadData for what is not what it claims."""
    files = list_data_files(store, uri)
    found = detect_format(store, uri, files)
    facts = (found.describe(), len(found.files), sum(file.size_bytes for file in found.files))
    if found.format in TABLE_FORMATS:
        schema = read_schema(store, found.files[0], found.format)
        shown, is_whole = _read_rows(store, found.files, found.format, rows)
        return Preview(*facts, {one.name: str(one.type) for one in schema}, shown, is_whole)
    if found.format == "text" and len(found.files) == 1:
        lines, is_whole = _read_lines(store, found.files[0], rows)
        return Preview(*facts, {"line": "string"}, lines, is_whole)
    look = _LOOKS.get(found.format, _look_at_file)
    looked = tuple(
        {"file": file.path, "size_bytes": file.size_bytes, **look(store, file)} for file in found.files[:rows]
    )
    return Preview(*facts, {}, looked, len(found.files) <= rows)


def _read_rows(
    store: Store, files: tuple[StoredFile, ...], format: str, most: int
) -> tuple[tuple[dict[str, Any], ...], bool]:
    rows: list[dict[str, Any]] = []
    for file in files:
        for batch in read_batches(store, file, format, batch_rows=most + 1):
            rows += _to_plain_rows(batch.slice(0, most + 1 - len(rows)))
            if len(rows) > most:
                return tuple(rows[:most]), False
    return tuple(rows), True


def _to_plain_rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Rows as JSON can hold them; long values are cut, blobs are told by their length."""
    columns = {name: [to_plain(value) for value in batch.column(name).to_pylist()] for name in batch.schema.names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def to_plain(value: Any) -> Any:
    """One value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value[:_MOST_ITEMS]] + (["…"] if len(value) > _MOST_ITEMS else [])
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in list(value.items())[:_MOST_ITEMS]}
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text) - _LONGEST} more)"


def _read_lines(store: Store, file: StoredFile, most: int) -> tuple[tuple[dict[str, Any], ...], bool]:
    head = read_head(store, file, _TEXT_BYTES)
    lines = head.decode("utf-8", "replace").splitlines()
    is_all = len(head) < _TEXT_BYTES or len(head) == file.size_bytes
    shown = tuple({"line": to_plain(line)} for line in lines[:most])
    return shown, is_all and len(lines) <= most


def _look_at_image(store: Store, file: StoredFile) -> dict[str, Any]:
    try:
        with Image.open(io.BytesIO(read_head(store, file, _MEDIA_BYTES))) as image:
            return {"kind": image.format, "width": image.width, "height": image.height, "mode": image.mode}
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        return {"problem": str(error)[:_LONGEST]}


def _look_at_sound(store: Store, file: StoredFile) -> dict[str, Any]:
    try:
        with store.open(file.uri) as stream, wave.open(stream) as sound:
            rate, frames = sound.getframerate(), sound.getnframes()
            return {"kind": "WAV", "channels": sound.getnchannels(), "rate": rate, "seconds": frames / (rate or 1)}
    except (wave.Error, EOFError):
        return {"kind": file.path.rpartition(".")[2].upper()}


def _look_at_array(store: Store, file: StoredFile) -> dict[str, Any]:
    with store.open(file.uri) as stream:
        try:
            version = np.lib.format.read_magic(stream)
            read = {1: np.lib.format.read_array_header_1_0}.get(version[0], np.lib.format.read_array_header_2_0)
            shape, _is_fortran, kind = read(stream)
        except ValueError:
            return {"kind": "NPZ"}
    return {"kind": str(kind), "shape": list(shape)}


def _look_at_file(store: Store, file: StoredFile) -> dict[str, Any]:  # noqa: ARG001 of a form with the others
    return {}


_LOOKS: dict[str, Callable[[Store, StoredFile], dict[str, Any]]] = {
    "images": _look_at_image,
    "audio": _look_at_sound,
    "numpy": _look_at_array,
}
