"""The vault: what is sealed says nothing, and opens only where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.catalog.vault import Vault
from dix.errors import CatalogError


def test_what_is_sealed_is_opened_where_it_belongs(tmp_path: Path) -> None:
    sealed = Vault(tmp_path / "key").seal("hunter2", "vision/KEY")
    assert b"hunter2" not in sealed
    assert Vault(tmp_path / "key").open(sealed, "vision/KEY") == "hunter2"
    with pytest.raises(CatalogError, match="set the secrets anew"):
        Vault(tmp_path / "key").open(sealed, "speech/KEY")
    with pytest.raises(CatalogError, match="cannot be read without the key"):
        Vault(tmp_path / "other").open(sealed, "vision/KEY")


def test_sealing_twice_gives_two_texts(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "key")
    assert vault.seal("same", "a") != vault.seal("same", "a")


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    Vault(tmp_path / "key").seal("x", "a")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key"]


def test_no_file_of_the_catalog_and_no_snapshot_says_a_secret(tmp_path: Path) -> None:
    catalog = DirectCatalog(tmp_path / "catalog.duckdb")
    catalog.secrets.put_secret("default", "KEY", "hunter2-hunter2-hunter2", "ana")
    catalog.save_snapshot(tmp_path / "copy.duckdb")
    catalog.close()
    files = [path for path in tmp_path.iterdir() if path.name != "secrets.key"]
    assert len(files) >= 2
    assert not any(b"hunter2" in path.read_bytes() for path in files)
