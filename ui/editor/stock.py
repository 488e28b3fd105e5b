"""What the palette offers beside the algorithms: data in the store, and models."""

from __future__ import annotations

from typing import Any

from dix.client.connection import Client
from dix.errors import DixError
from dix.records.model_version import ModelVersion

MOST_MODELS = 200
MOST_ENTRIES = 500


def list_stock(client: Client) -> dict[str, Any]:
    """The first level of the store, and the visitor's models and those that others share."""
    return {
        "data": list_entries(client, ""),
        "mine": [_describe(model) for model in client.models.list(MOST_MODELS, mine=True).items],
        "shared": [_describe(model) for model in client.models.list(MOST_MODELS, shared=True).items],
    }


def list_entries(client: Client, uri: str) -> list[dict[str, Any]]:
    """One level of a folder of the store; nothing where it cannot be looked into."""
    try:
        entries = client.data.list(uri)
    except DixError:
        return []
    return [
        {"name": entry.name, "uri": _join(uri, entry.name, entry.kind), "folder": entry.kind == "folder"}
        for entry in entries[:MOST_ENTRIES]
    ]


def _join(folder: str, name: str, kind: str) -> str:
    path = f"{folder.rstrip('/')}/{name}" if folder else name
    return f"{path.rstrip('/')}/" if kind == "folder" else path


def _describe(model: ModelVersion) -> dict[str, Any]:
    known = (model.manifest.get("algorithm"), model.manifest.get("framework"), model.project)
    return {
        "name": model.model,
        "version": model.version,
        "about": " · ".join(str(each) for each in known if each),
    }
