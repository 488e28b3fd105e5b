"""Reads the scalars in TensorBoard's event files while a script writes them; TensorBoard itself is not needed.

An event file is a row of records: 8 bytes of length, 4 of checksum, the data, 4 of checksum. The data is an `Event`
message, of which only the step and the scalars of its summary are looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_MARK = "tfevents"
_HEAD = 12
_FOOT = 4
_MOST_BYTES = 64 * 1024 * 1024  # of what is new in one file at one look
_FLOAT, _DOUBLE = 1, 2
_SIZES = {_FLOAT: ("<f", 4), _DOUBLE: ("<d", 8)}

Fields = Mapping[int, list[bytes | int]]


class EventFiles:
    """The event files below some folders; each is read on where it ended the last time."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._read: dict[Path, int] = {}

    def read_rows(self) -> list[tuple[int, dict[str, float]]]:
        """The scalars since the last time, as rows by step."""
        rows: dict[int, dict[str, float]] = {}
        for folder in self._folders:
            for path in sorted(folder.rglob(f"*{_MARK}*")):
                for step, name, value in self._read_on(path):
                    rows.setdefault(step, {})[name] = value
        return sorted(rows.items())

    def _read_on(self, path: Path) -> Iterator[tuple[int, str, float]]:
        begin = self._read.get(path, 0)
        try:
            with path.open("rb") as file:
                file.seek(begin)
                fresh = file.read(_MOST_BYTES)
        except OSError:
            return
        place = 0
        while place + _HEAD <= len(fresh):
            end = place + _HEAD + struct.unpack_from("<Q", fresh, place)[0] + _FOOT
            if end > len(fresh):
                break
            yield from _read_event(fresh[place + _HEAD : end - _FOOT])
            place = end
        self._read[path] = begin + place


def _read_event(data: bytes) -> Iterator[tuple[int, str, float]]:
    """Step, tag and number of each scalar; nothing for what is damaged or of another kind."""
    try:
        event = _split(data)
        step = next((step for step in event.get(2, []) if isinstance(step, int)), 0)
        for summary in _messages(event, 5):
            for value in _messages(summary, 1):
                tag = next((tag for tag in value.get(1, []) if isinstance(tag, bytes)), b"")
                number = _find_number(value)
                if number is not None and 0 <= step < 2**62:
                    yield step, tag.decode("utf-8", "replace")[:63], number
    except (ValueError, IndexError, struct.error):
        return


def _find_number(value: Fields) -> float | None:
    for simple in value.get(2, []):
        if isinstance(simple, bytes):
            return float(struct.unpack("<f", simple)[0])
    for tensor in _messages(value, 8):
        kind = next(iter(tensor.get(1, [])), 0)
        shape, size = _SIZES.get(kind if isinstance(kind, int) else 0, ("", 0))
        # Its bytes as they lie in memory, else a list of float_val or double_val.
        for content in (*tensor.get(4, []), *tensor.get(5 if kind == _FLOAT else 6, [])):
            if isinstance(content, bytes) and size and len(content) == size:
                return float(struct.unpack(shape, content)[0])
    return None


def _messages(fields: Fields, number: int) -> Iterator[Fields]:
    return (_split(data) for data in fields.get(number, []) if isinstance(data, bytes))


def _split(data: bytes) -> Fields:
    """The fields of a message by number; numbers of fixed size stay bytes."""
    fields: dict[int, list[bytes | int]] = {}
    place = 0
    while place < len(data):
        key, place = _read_varint(data, place)
        kind = key & 7
        found: bytes | int
        if kind == 0:
            found, place = _read_varint(data, place)
        else:
            size = {1: 8, 5: 4}.get(kind, -1)
            if kind == 2:
                size, place = _read_varint(data, place)
            if size < 0 or place + size > len(data):
                raise ValueError("a field that is cut off, or of an unknown kind")
            found, place = data[place : place + size], place + size
        fields.setdefault(key >> 3, []).append(found)
    return fields


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("a number that does not end")
