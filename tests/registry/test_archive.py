"""A version as one file: always the same, and never taken for whole when it is not."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.errors import BadModel, ChecksumMismatch
from dix.records.model_version import ModelDraft, ModelVersion
from dix.registry.archive import Archive
from dix.registry.registry import Registry
from dix.store.store import Store
from tests.registry.conftest import MakeModel


@pytest.fixture
def registry(catalog: DirectCatalog, store: Store) -> Registry:
    return Registry(catalog.models, store)


@pytest.fixture
def version(registry: Registry, make_model: MakeModel) -> ModelVersion:
    folder = make_model("a")
    (folder / "数字 a.txt").write_text("零")
    (folder / "empty").write_bytes(b"")
    (folder / "deep").mkdir()
    (folder / "deep" / f"{'x' * 150}.bin").write_bytes(b"y" * 1_500_000)
    return registry.register(registry.draft(folder, "digits", {"run": "r1"}), "default", "r1", "cnn")


def test_an_archive_is_a_tar_of_the_files_and_what_is_known(registry: Registry, version: ModelVersion) -> None:
    archive = registry.archive(version)
    content = b"".join(archive.read())
    assert len(content) == archive.size_bytes
    assert archive.name == "digits-1.dixmodel"
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
        names = tar.getnames()
        read = {name: tar.extractfile(name).read() for name in names}  # type: ignore[union-attr]
    assert names[0] == "dixmodel.json"
    head = json.loads(read.pop("dixmodel.json"))
    assert (head["model"], head["version"], head["run"], head["manifest"]) == ("digits", 1, "r1", version.manifest)
    folder = registry.fetch(version)
    assert read.keys() == {f"model/{entry['path']}" for entry in version.manifest["files"]}
    assert all(content == (folder / name.removeprefix("model/")).read_bytes() for name, content in read.items())


def test_it_can_be_read_from_any_byte_on(registry: Registry, version: ModelVersion) -> None:
    archive = registry.archive(version)
    whole = b"".join(archive.read())
    ends = (0, 1, 511, 512, 513, 1500, 2000, 1_048_576, 1_400_000, len(whole) - 1025, len(whole) - 1, len(whole))
    for begin in (*ends, *range(0, len(whole), 99_991)):
        assert b"".join(archive.read(begin)) == whole[begin:], begin
    assert b"".join(registry.archive(version).read()) == whole
    assert registry.archive(version).tag == archive.tag


def test_what_was_changed_in_the_store_is_not_handed_out_whole(
    registry: Registry, store: Store, version: ModelVersion
) -> None:
    archive = registry.archive(version)
    place = store.local_path(f"{version.uri}/weights.safetensors")
    assert isinstance(place, Path)
    place.write_bytes(b"b" * 1000)
    got: list[int] = []
    with pytest.raises(ChecksumMismatch, match=r"weights.safetensors is damaged"):
        got.extend(byte for chunk in archive.read() for byte in chunk)
    assert len(got) < archive.size_bytes
    place.write_bytes(b"short")
    with pytest.raises(BadModel, match=r"weights.safetensors is missing, or not as long as it was"):
        archive.check()


def test_a_version_of_unknown_files_has_no_archive(catalog: DirectCatalog, store: Store) -> None:
    version = catalog.models.register_model(ModelDraft("old", "file:///old", {}), "default")
    with pytest.raises(BadModel, match="does not say which files"):
        Archive(store, version)
