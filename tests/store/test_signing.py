"""Addresses straight at the store: whoever has one reads or writes the file, and nothing else."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from dix.client import direct
from dix.errors import BadValue, Conflict
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.fixtures_s3 import S3Server


def test_a_folder_has_no_such_addresses(folder_store: Store) -> None:
    folder_store.write_bytes("a", b"1")
    assert folder_store.sign("a", 60) is None
    assert folder_store.sign("b", 60, for_writing=True) is None


@pytest.mark.s3
def test_a_signed_address_reads_and_writes_one_file(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    store = Store(StoreOptions(s3_server.url("signing"), s3_server.endpoint, "path"))
    (tmp_path / "a").write_bytes(b"hello" * 1000)
    url = store.sign("in/名 1.bin", 60, for_writing=True)
    assert url is not None
    assert direct.put(url, tmp_path / "a")
    assert store.read_bytes("in/名 1.bin") == b"hello" * 1000
    read = store.sign("in/名 1.bin", 60)
    assert read is not None
    with (tmp_path / "back").open("wb") as out:
        direct.fetch(read, out)
    assert (tmp_path / "back").read_bytes() == b"hello" * 1000
    assert not httpx.put(read, content=b"x", trust_env=False).is_success
    assert not httpx.get(read.replace("in/", "out/"), trust_env=False).is_success
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "b").write_bytes(b"committed")
    store.commit_folder(tmp_path / "folder", "whole")
    committed = store.sign("whole/b", 60)
    assert committed is not None
    assert httpx.get(committed, trust_env=False).content == b"committed"
    with pytest.raises(Conflict):
        store.sign("whole/c", 60, for_writing=True)
    with pytest.raises(BadValue):
        store.sign("", 60, for_writing=True)
