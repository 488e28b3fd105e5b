"""The owner as a plain class, without Ray."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.catalog.owner import Owner
from dix.errors import CatalogError, NotFound
from tests.contracts.catalog_records import make_run, make_steps


def test_owner_does_what_it_is_asked(path: Path, tmp_path: Path) -> None:
    owner = Owner(str(path))
    assert owner.ping() == str(path)
    wanted = {"run": make_run(), "steps": make_steps("r1", "a"), "request": "1"}
    assert owner.ask("runs", "create_run", wanted) is None
    assert owner.ask("runs", "create_run", wanted) is None
    assert owner.ask("runs", "get_run", {"id": "r1"}) == make_run()
    with pytest.raises(NotFound):
        owner.ask("runs", "get_run", {"id": "r2"})
    owner.save_snapshot(str(tmp_path / "copy.duckdb"))
    owner.close()
    with pytest.raises(CatalogError, match="closed"):
        owner.ask("runs", "get_run", {"id": "r1"})
    copy = DirectCatalog(tmp_path / "copy.duckdb")
    assert copy.runs.get_run("r1") == make_run()
    copy.close()


def test_owner_tries_to_open_the_file_with_each_question(path: Path) -> None:
    path.write_bytes(b"something else" * 1000)
    owner = Owner(str(path))
    with pytest.raises(CatalogError, match="cannot be opened"):
        owner.ping()
    path.unlink()
    assert owner.ping() == str(path)
    owner.close()
