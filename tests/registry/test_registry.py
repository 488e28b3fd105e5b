"""From a trained folder to a numbered version, from a reference to a folder."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.errors import BadValue, NotFound
from dix.records.model_version import ModelDraft
from dix.registry.registry import Registry
from dix.store.store import Store

MakeModel = Callable[[str], Path]


@pytest.fixture
def registry(catalog: DirectCatalog, store: Store) -> Registry:
    return Registry(catalog.models, store)


def test_a_folder_becomes_a_version_that_can_be_fetched(registry: Registry, make_model: MakeModel) -> None:
    draft = registry.draft(make_model("a"), "digits", {"run": "r1"})
    version = registry.register(draft, "default", "r1", "cnn")
    assert (version.version, version.run, version.node) == (1, "r1", "cnn")
    found = registry.resolve("models:/digits/1")
    assert found == version
    assert (registry.fetch(found) / "weights.safetensors").read_bytes() == b"a" * 1000
    assert registry.list_version_manifests() == [version]


def test_a_reference_without_a_number_means_the_latest(registry: Registry, make_model: MakeModel) -> None:
    for name in ("a", "b"):
        registry.register(registry.draft(make_model(name), "digits", {}), "default")
    assert registry.resolve("models:/digits").version == 2
    assert registry.resolve("digits").version == 2
    assert registry.resolve("models:/digits/1").version == 1


def test_an_alias_means_the_version_that_it_names_now(
    registry: Registry, catalog: DirectCatalog, make_model: MakeModel
) -> None:
    for name in ("a", "b"):
        registry.register(registry.draft(make_model(name), "digits", {}), "default")
    for version in (1, 2):
        catalog.aliases.set_alias("digits", "champion", version, "ana")
        assert registry.resolve("models:/digits@champion").version == version
    assert registry.resolve("models:/digits@latest").version == 2


def test_what_cannot_be_resolved_is_told(registry: Registry, make_model: MakeModel) -> None:
    registry.register(registry.draft(make_model("a"), "digits", {}), "default")
    with pytest.raises(NotFound, match="did you mean digits"):
        registry.resolve("models:/digit")
    with pytest.raises(NotFound):
        registry.resolve("models:/digits/7")
    with pytest.raises(NotFound, match="no alias digits@champion"):
        registry.resolve("models:/digits@champion")
    for wrong in ("models:/digits/0", "models:/digits/x", "models:/", "", "Digits!", "models:/digits/1/2"):
        with pytest.raises(BadValue):
            registry.resolve(wrong)


def test_registering_again_never_changes_a_version(registry: Registry, make_model: MakeModel) -> None:
    draft = registry.draft(make_model("a"), "digits", {})
    first = registry.register(draft, "default")
    assert registry.register(draft, "default") == first
    folder = make_model("b")
    second = registry.register(registry.draft(folder, "digits", {}), "default")
    (folder / "weights.safetensors").write_bytes(b"later")
    assert second.version == 2
    assert registry.resolve("models:/digits/1") == first
    assert (registry.fetch(second) / "weights.safetensors").read_bytes() == b"b" * 1000


def test_the_files_of_a_deleted_version_are_removed(
    registry: Registry, catalog: DirectCatalog, store: Store, make_model: MakeModel
) -> None:
    kept, gone = (registry.register(registry.draft(make_model(name), "digits", {}), "default") for name in "ab")
    assert registry.delete("digits", gone.version) == (gone,)
    assert not store.exists(gone.uri)
    assert registry.list_version_manifests() == [kept]
    assert registry.fetch(registry.resolve("digits")).is_dir()
    assert catalog.models.list_unerased() == ()
    assert registry.register(registry.draft(make_model("c"), "digits", {}), "default").version == 3


def test_files_that_could_not_be_removed_are_removed_later(
    registry: Registry, catalog: DirectCatalog, store: Store, make_model: MakeModel
) -> None:
    version = registry.register(registry.draft(make_model("a"), "digits", {}), "default")
    catalog.models.delete_model("digits")  # and the process died
    assert registry.erase_deleted() == 1
    assert not store.exists(version.uri)
    assert registry.erase_deleted() == 0


def test_what_lies_outside_of_the_platforms_folder_is_never_removed(
    registry: Registry, store: Store, make_model: MakeModel
) -> None:
    store.put(make_model("a"), "mine/model")
    registry.register(ModelDraft("digits", store.resolve("mine/model"), {}), "default")
    registry.delete("digits")
    assert store.exists("mine/model/model.json")


def test_fifty_at_once_get_numbers_without_gaps(registry: Registry, make_model: MakeModel) -> None:
    folder = make_model("a")
    with ThreadPoolExecutor(50) as pool:
        versions = list(
            pool.map(lambda _: registry.register(registry.draft(folder, "digits", {}), "default"), range(50))
        )
    assert sorted(version.version for version in versions) == list(range(1, 51))
    assert len({version.uri for version in versions}) == 50
    assert [version.version for version in registry.list_version_manifests()] == list(range(1, 51))
