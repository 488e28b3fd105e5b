"""The versions of models as the store remembers them, beside the catalog, which can be rebuilt from here."""

from __future__ import annotations

import json
from typing import Any

from dix.errors import AlreadyExists, Conflict, NotFound, StoreError
from dix.records.model_version import ModelVersion
from dix.records.moments import from_text, now, to_text
from dix.registry.artifact import MODELS_FOLDER
from dix.store.store import Store


def write_version(store: Store, version: ModelVersion) -> None:
    """Write a version down as `dix/models/<model>/versions/<n>.json`, once; writing it again changes nothing.

    Raises Conflict when the store remembers another model under this number.
    """
    uri = _name(version.model, version.version)
    try:
        store.write_bytes(uri, _to_bytes(_to_document(version)), only_if_absent=True)
    except AlreadyExists:
        there = _read(uri, _load(store, uri))
        if there.uri != version.uri:
            what = "in the store as another model's, so the catalog is older than the store"
            raise Conflict("model version", version.reference, what, "written again") from None


def write_deleted(store: Store, version: ModelVersion) -> None:
    """Let the store remember that a version is deleted, so that a catalog that is rebuilt does not have it again."""
    document = _to_document(version) | {"deleted": to_text(now())}
    store.write_bytes(_name(version.model, version.version), _to_bytes(document))


def list_versions(store: Store) -> list[ModelVersion]:
    """Every version that the store remembers, by model and number, without those that were deleted.

    Raises StoreError for one that cannot be read.
    """
    versions = []
    try:
        models = [folder.name for folder in store.list_folder(MODELS_FOLDER).folders]
    except NotFound:
        return []
    for model in models:
        try:
            files = store.list_folder(f"{MODELS_FOLDER}/{model}/versions").files
        except NotFound:
            continue
        documents = [(file.uri, _load(store, file.uri)) for file in files]
        versions += [_read(uri, document) for uri, document in documents if "deleted" not in document]
    return sorted(versions, key=lambda version: (version.model, version.version))


def _name(model: str, version: int) -> str:
    return f"{MODELS_FOLDER}/{model}/versions/{version}.json"


def _to_document(version: ModelVersion) -> dict[str, Any]:
    return {
        "model": version.model,
        "version": version.version,
        "project": version.project,
        "uri": version.uri,
        "created": to_text(version.created),
        "run": version.run,
        "node": version.node,
        "manifest": version.manifest,
        "user": version.user,
    }


def _to_bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _load(store: Store, uri: str) -> dict[str, Any]:
    try:
        return dict(json.loads(store.read_bytes(uri)))
    except (ValueError, TypeError) as error:
        raise StoreError(uri, f"it is no model version ({error!r})") from error


def _read(uri: str, document: dict[str, Any]) -> ModelVersion:
    known = {name: value for name, value in document.items() if name not in {"created", "deleted"}}
    try:
        created = from_text(document["created"])
        if created is None:
            raise ValueError("created is null")
        return ModelVersion(**known, created=created)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreError(uri, f"it is no model version ({error!r})") from error
