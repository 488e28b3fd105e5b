"""Scalars in TensorBoard's event files, also while they are written, and in files that are damaged."""

from __future__ import annotations

import struct
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dix.frameworks.script.event_files import EventFiles, _read_event


def field(number: int, kind: int, data: bytes) -> bytes:
    return bytes([number << 3 | kind]) + data


def message(number: int, data: bytes) -> bytes:
    return field(number, 2, bytes([len(data)]) + data)


def event(step: int, tag: str, value: float) -> bytes:
    scalar = message(1, tag.encode()) + field(2, 5, struct.pack("<f", value))
    return field(1, 1, struct.pack("<d", 1.0)) + field(2, 0, bytes([step])) + message(5, message(1, scalar))


def record(data: bytes) -> bytes:
    return struct.pack("<QI", len(data), 0) + data + bytes(4)


def test_what_is_new_is_read_and_half_a_record_waits(tmp_path: Path) -> None:
    file = tmp_path / "runs" / "events.out.tfevents.1.host"
    file.parent.mkdir()
    files = EventFiles([tmp_path])
    assert files.read_rows() == []
    second = record(event(2, "loss", 0.5))
    file.write_bytes(record(event(1, "loss", 1.0)) + record(event(1, "acc", 0.25)) + second[:9])
    assert files.read_rows() == [(1, {"loss": 1.0, "acc": 0.25})]
    with file.open("ab") as out:
        out.write(second[9:])
    assert files.read_rows() == [(2, {"loss": 0.5})]
    assert files.read_rows() == []


@given(st.binary(max_size=60))
def test_whatever_is_in_a_record_nothing_is_raised(data: bytes) -> None:
    list(_read_event(data))
