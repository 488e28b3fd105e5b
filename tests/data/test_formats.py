"""Formats are told by names and by first bytes."""

from __future__ import annotations

import io
import wave

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from dix.data.formats import FORMATS, name_format, sniff_formats


def write_image(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(stream, kind)
    return stream.getvalue()


def write_parquet() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}), stream)
    return stream.getvalue()


def write_wave() -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 10)
    return stream.getvalue()


def write_numpy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros(3))
    return stream.getvalue()


# One record `hello`, as TensorFlow 2.21 writes it.
TFRECORD = bytes.fromhex("0500000000000000eab2043e68656c6c6fbb1f1c19")


@pytest.mark.parametrize(
    ("path", "format"),
    [
        ("a/b.parquet", "parquet"),
        ("b.PNG", "images"),
        ("b.csv.gz", "csv"),
        ("b.tsv", "csv"),
        ("b.jsonl", "json"),
        ("train.tfrecord-00000-of-00010", "tfrecord"),
        ("data.mdb", "lmdb"),
        ("b.h5", "hdf5"),
        ("part-00000", None),
        ("b.unknown", None),
    ],
)
def test_a_name_claims_a_format(path: str, format: str | None) -> None:
    assert name_format(path) == format
    assert format is None or format in FORMATS


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (write_image("PNG"), "images"),
        (write_image("JPEG"), "images"),
        (write_image("BMP"), "images"),
        (write_image("WEBP"), "images"),
        (write_image("PPM"), "images"),
        (write_parquet(), "parquet"),
        (write_wave(), "audio"),
        (write_numpy(), "numpy"),
        (TFRECORD, "tfrecord"),
        (b'{"a": 1}\n', "json"),
        ("名,b\n1,2\n".encode(), "text"),
    ],
)
def test_first_bytes_tell_the_format(content: bytes, format: str) -> None:
    assert sniff_formats(content)[0] == format


def test_text_may_be_a_table() -> None:
    assert set(sniff_formats(b"a,b\n1,2\n")) == {"text", "csv", "json"}


def test_a_character_cut_by_the_end_of_the_head_is_still_text() -> None:
    assert "text" in sniff_formats("ab名".encode()[:-1])


def test_unknown_bytes_are_no_format() -> None:
    assert sniff_formats(b"\x01\x02\x00\x99\xff\xfe") == ()
    assert sniff_formats(b"") == ()
