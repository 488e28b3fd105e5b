"""The catalog as one file, put back where nothing runs; with a real installation in `test_main_job.py`."""

from __future__ import annotations

import io
import json
import stat
import tarfile
from pathlib import Path

import pytest

from dix.boot.backup import CATALOG, MANIFEST, restore, save
from dix.boot.instance import catalog_file
from dix.catalog.direct import DirectCatalog
from dix.errors import AlreadyExists, BadValue, DixError, NotFound
from dix.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "home").mkdir()
    made = Settings(home=tmp_path / "home")
    push(made, "one")
    return made


def push(settings: Settings, flow: str) -> None:
    catalog = DirectCatalog(catalog_file(settings.home))
    catalog.flows.push_flow(flow, "text", "hash", "default")
    catalog.close()


def list_flows(settings: Settings) -> list[str]:
    catalog = DirectCatalog(catalog_file(settings.home))
    try:
        return [version.flow for version in catalog.flows.list_flows().items]
    finally:
        catalog.close()


def test_what_was_saved_comes_back_and_what_was_there_is_kept(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "名 backup.tar"
    saved = save(settings, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert saved.manifest.store == settings.store_url
    push(settings, "two")
    restored = restore(settings, file)
    assert list_flows(settings) == ["one"]
    assert restored.before is not None
    catalog = DirectCatalog(Path(restored.before))
    assert {version.flow for version in catalog.flows.list_flows().items} == {"one", "two"}
    catalog.close()
    assert restored.same_store
    assert restored.manifest == saved.manifest
    assert {path.name for path in settings.home.iterdir()} <= {"lock", CATALOG, Path(restored.before).name}


def test_a_backup_goes_to_another_home(settings: Settings, tmp_path: Path) -> None:
    save(settings, tmp_path / "b.tar")
    other = Settings(home=tmp_path / "other")
    restored = restore(other, tmp_path / "b.tar")
    assert (restored.before, restored.same_store) == (None, False)
    assert list_flows(other) == ["one"]


def test_a_file_that_is_there_is_not_written_over(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_text("mine")
    with pytest.raises(AlreadyExists):
        save(settings, tmp_path / "b.tar")
    with pytest.raises(BadValue, match="can be written"):
        save(settings, tmp_path / "no" / "b.tar")
    with pytest.raises(NotFound, match="catalog"):
        save(Settings(home=tmp_path / "none"), tmp_path / "c.tar")


def pack(path: Path, *members: tuple[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_what_is_no_backup_or_damaged_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    save(settings, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as archive:
        manifest = json.load(archive.extractfile(MANIFEST))  # type: ignore[arg-type]
    newer = json.dumps(manifest | {"format": 2}).encode()
    good = json.dumps(manifest).encode()
    (tmp_path / "text").write_text("no archive")
    files = [
        tmp_path / "text",
        tmp_path / "nothing",
        tmp_path,
        pack(tmp_path / "1", ("../../etc/passwd", b"x")),
        pack(tmp_path / "2", (MANIFEST, newer), (CATALOG, b"x")),
        pack(tmp_path / "3", (MANIFEST, good), (CATALOG, b"damaged")),
        pack(tmp_path / "4", (MANIFEST, b"{"), (CATALOG, b"")),
        pack(tmp_path / "5", (MANIFEST, b"[]"), (CATALOG, b"")),
        pack(tmp_path / "6", (MANIFEST, good)),
    ]
    for file in files:
        with pytest.raises(DixError) as told:
            restore(settings, file)
        assert file.name in str(told.value)
    assert list_flows(settings) == ["one"]
