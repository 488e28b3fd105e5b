"""Every version of a model comes to be known to the store, whatever is away meanwhile."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from dix.catalog.direct import DirectCatalog
from dix.engine import scribe as scribe_file
from dix.engine.scribe import Scribe
from dix.errors import Conflict, StoreUnreachable, Unreachable
from dix.records.model_version import ModelDraft, ModelVersion
from dix.registry.registry import Registry
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from tests.engine.conftest import wait_until


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scribe_file, "PAUSE_S", 0.01)


@pytest.fixture
def registry(catalog: DirectCatalog, tmp_path: Path) -> Registry:
    return Registry(catalog.models, open_store_with(StoreOptions((tmp_path / "store").as_uri())))


def register(catalog: DirectCatalog, model: str) -> ModelVersion:
    return catalog.models.register_model(ModelDraft(model, f"file:///{secrets.token_hex(4)}", {}), "default")


def known(registry: Registry) -> list[str]:
    return [version.reference for version in registry.list_version_manifests()]


def test_a_version_is_written_soon(catalog: DirectCatalog, registry: Registry) -> None:
    scribe = Scribe(registry, catalog.models)
    scribe.write_soon(register(catalog, "a"))
    wait_until(lambda: known(registry) == ["models:/a/1"])


def test_what_was_left_undone_is_made_up_for(catalog: DirectCatalog, registry: Registry) -> None:
    for model in ("a", "b", "a"):
        register(catalog, model)
    Scribe(registry, catalog.models)
    wait_until(lambda: known(registry) == ["models:/a/2", "models:/b/1"])


def test_it_goes_on_when_store_and_catalog_are_back(
    catalog: DirectCatalog, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(catalog, "a")
    failures: list[BaseException] = [StoreUnreachable("s3://b", "away")] * 3 + [Unreachable("the catalog", "away")] * 3
    write, ask = registry.write_version_manifest, catalog.models.list_models

    def write_later(version: ModelVersion) -> None:
        if failures and isinstance(failures[0], StoreUnreachable):
            raise failures.pop(0)
        write(version)

    def list_later(**wanted: Any) -> Any:
        if failures and isinstance(failures[0], Unreachable):
            raise failures.pop(0)
        return ask(**wanted)

    monkeypatch.setattr(registry, "write_version_manifest", write_later)
    monkeypatch.setattr(catalog.models, "list_models", list_later)
    scribe = Scribe(registry, catalog.models)
    scribe.write_soon(register(catalog, "b"))
    wait_until(lambda: known(registry) == ["models:/a/1", "models:/b/1"])


def test_one_that_cannot_be_written_does_not_hold_up_the_others(
    catalog: DirectCatalog, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = registry.write_version_manifest

    def refuse_a(version: ModelVersion) -> None:
        if version.model == "a":
            raise Conflict("model version", version.reference, "another", "written again")
        write(version)

    monkeypatch.setattr(registry, "write_version_manifest", refuse_a)
    scribe = Scribe(registry, catalog.models)
    for model in ("a", "b"):
        scribe.write_soon(register(catalog, model))
    wait_until(lambda: known(registry) == ["models:/b/1"])
