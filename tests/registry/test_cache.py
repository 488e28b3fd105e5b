"""Model folders on this machine."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dix.errors import BadModel, ChecksumMismatch
from dix.records.model_version import ModelVersion
from dix.records.moments import now
from dix.registry.artifact import draft_model
from dix.registry.cache import fetch_model
from dix.store.store import Store

MakeModel = Callable[[str], Path]


class DistantStore(Store):
    """A store whose files are not on this machine, as far as anyone can tell."""

    fetched = 0

    def local_path(self, uri: str) -> None:
        return None

    def fetch(self, uri: str, local: Path) -> Path:
        self.fetched += 1
        return super().fetch(uri, local)


@pytest.fixture
def version(store: Store, make_model: MakeModel) -> ModelVersion:
    draft = draft_model(store, make_model("a"), "digits", {})
    return ModelVersion("digits", 1, "default", draft.uri, now(), manifest=draft.manifest)


@pytest.fixture
def distant(store: Store) -> DistantStore:
    return DistantStore(store.options)


def test_a_store_on_this_machine_is_read_in_place(store: Store, version: ModelVersion, tmp_path: Path) -> None:
    assert fetch_model(store, version, tmp_path / "cache") == store.local_path(version.uri)
    assert not (tmp_path / "cache").exists()


def test_a_changed_artifact_is_refused(store: Store, version: ModelVersion, tmp_path: Path) -> None:
    (store.local_path(version.uri) / "weights.safetensors").write_bytes(b"evil")
    with pytest.raises(ChecksumMismatch, match="damaged"):
        fetch_model(store, version, tmp_path / "cache")


def test_a_vanished_artifact_is_refused(store: Store, version: ModelVersion, tmp_path: Path) -> None:
    store.delete(version.uri)
    with pytest.raises(BadModel, match="missing"):
        fetch_model(store, version, tmp_path / "cache")


def test_a_distant_model_is_fetched_once(distant: DistantStore, version: ModelVersion, tmp_path: Path) -> None:
    first = fetch_model(distant, version, tmp_path / "cache")
    assert (first / "weights.safetensors").read_bytes() == b"a" * 1000
    assert fetch_model(distant, version, tmp_path / "cache") == first
    assert distant.fetched == 1
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [version.manifest["checksum"]]


def test_a_damaged_cache_is_fetched_anew(distant: DistantStore, version: ModelVersion, tmp_path: Path) -> None:
    folder = fetch_model(distant, version, tmp_path / "cache")
    (folder / "weights.safetensors").write_bytes(b"evil")
    assert (fetch_model(distant, version, tmp_path / "cache") / "weights.safetensors").read_bytes() == b"a" * 1000
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_distant_model_that_was_changed_is_refused(
    store: Store, distant: DistantStore, version: ModelVersion, tmp_path: Path
) -> None:
    (store.local_path(version.uri) / "weights.safetensors").write_bytes(b"evil")
    with pytest.raises(ChecksumMismatch):
        fetch_model(distant, version, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_many_fetch_at_once_and_all_get_the_whole(distant: DistantStore, version: ModelVersion, tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        folders = set(pool.map(lambda _: fetch_model(distant, version, tmp_path / "cache"), range(32)))
    assert len(folders) == 1
    assert len(list((tmp_path / "cache").iterdir())) == 1
