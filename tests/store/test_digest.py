"""Digests are what sha256sum says."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dix.store.digest import hash_file, hash_listing


def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    content = b"x" * 3_000_000
    (tmp_path / "a").write_bytes(content)
    assert hash_file(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_a_folder_has_the_digest_of_its_sorted_list() -> None:
    expected = hashlib.sha256(b"1  a\n2  b\n").hexdigest()
    assert hash_listing([("b", "2"), ("a", "1")]) == expected
    assert hash_listing([("b", "1"), ("a", "2")]) != expected
