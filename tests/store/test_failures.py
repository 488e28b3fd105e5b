"""Failures become one clear sentence: here those of the system; `test_s3.py` has those of a real S3 server."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dix.errors import BadValue, Conflict, NotFound, StoreError, StoreUnreachable
from dix.store.failures import explaining, find_code, translate
from dix.store.store import Store


@pytest.mark.parametrize(
    ("number", "expected", "sentence"),
    [
        (errno.ENOENT, NotFound, "no data file:///x"),
        (errno.EISDIR, Conflict, "data file:///x is a folder, so it cannot be used as a file"),
        (errno.ENOTDIR, Conflict, "data file:///x is below a file, so it cannot be used"),
        (errno.ENAMETOOLONG, BadValue, "uri: expected 1 to 255 bytes in each part"),
        (errno.ENOSPC, StoreError, "the store file:///x failed: the disk is full; make room"),
        (errno.EACCES, StoreError, "this account may not read or write it"),
        (errno.EROFS, StoreError, "it can only be read"),
        (errno.EIO, StoreError, "Input/output error"),
    ],
)
def test_errors_of_the_system_become_sentences(number: int, expected: type[Exception], sentence: str) -> None:
    with pytest.raises(expected) as caught, explaining("file:///x"):
        raise OSError(number, os.strerror(number), "/x")
    assert sentence in str(caught.value)


def test_a_broken_connection_is_a_store_that_does_not_answer() -> None:
    assert isinstance(translate("s3://b/x", ConnectionResetError()), StoreUnreachable)
    assert "no answer in time" in str(translate("s3://b/x", TimeoutError()))
    assert find_code(TimeoutError()) is None


def test_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError), explaining("file:///x"):
        raise ZeroDivisionError


def test_misuse_of_a_folder_is_said(folder_store: Store, tmp_path: Path) -> None:
    folder_store.write_bytes("a/b", b"1")
    with pytest.raises(Conflict, match="is a folder, so it cannot be used as a file"):
        folder_store.open("a")
    with pytest.raises(Conflict, match="cannot be used"):
        folder_store.write_bytes("a", b"1")
    with pytest.raises(Conflict, match="cannot be used"):
        folder_store.write_bytes("a/b/c", b"1")
    with pytest.raises(BadValue, match="1 to 255 bytes"):
        folder_store.write_bytes("x" * 300, b"1")
    with pytest.raises(NotFound, match="no file or folder"):
        folder_store.put(tmp_path / "missing", "a/c")
