"""Code that is kept under its own digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.errors import BadValue, NotFound
from dix.store import kept_code as module
from dix.store.kept_code import keep_code, read_kept, snapshot_code
from dix.store.options import StoreOptions
from dix.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    return Store(StoreOptions(f"file://{tmp_path / 'store'}"))


def test_a_file_is_kept_with_its_requirements_and_nothing_else(store: Store) -> None:
    for name in ("train.py", "requirements.txt", "other.py"):
        store.write_bytes(f"code/{name}", name.encode())
    kept = snapshot_code(store, "code/train.py")
    assert kept.file == "train.py"
    assert [file.path for file in store.list_files(kept.folder)] == ["requirements.txt", "train.py"]
    assert read_kept(str(kept)) == kept


def test_a_folder_is_kept_under_what_it_holds(store: Store, tmp_path: Path) -> None:
    store.write_bytes("code/train.py", b"1")
    store.write_bytes("code/inner/net.py", b"2")
    kept = snapshot_code(store, "code/")
    assert store.find_digest(kept.folder) == kept.digest
    store.fetch(kept.folder, tmp_path / "copy")
    assert keep_code(store, tmp_path / "copy") == kept
    assert snapshot_code(store, str(kept)) == kept
    store.write_bytes("code/train.py", b"3")
    assert snapshot_code(store, "code") != kept


def test_what_is_not_there_or_too_much_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        snapshot_code(store, "nothing.py")
    with pytest.raises(NotFound):
        snapshot_code(store, f"dix/code/{'0' * 64}/train.py")
    store.write_bytes("code/big.bin", b"12345")
    monkeypatch.setattr(module, "MAX_BYTES", 4)
    with pytest.raises(BadValue, match="name the folder of the code alone"):
        snapshot_code(store, "code")
