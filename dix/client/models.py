"""Trained models, as the client sees them."""

from __future__ import annotations

from typing import Any

from dix.client.reading import read_page, read_record
from dix.client.wire import Wire, join
from dix.records.model_version import ModelVersion
from dix.records.page import Page


class Models:
    """`client.models`: which models there are, and what is known of each version."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self, limit: int = 50, cursor: str | None = None, project: str | None = None) -> Page[ModelVersion]:
        """The latest version of every model."""
        return read_page(self._wire.get(join("models"), limit=limit, cursor=cursor, project=project), _read)

    def get(self, name: str, version: int | None = None) -> ModelVersion:
        """One version, the latest by default."""
        path = join("models", name) if version is None else join("models", name, "versions", version)
        return _read(self._wire.get(path))

    def versions(self, name: str) -> tuple[ModelVersion, ...]:
        """All versions of a model, newest first."""
        return read_page(self._wire.get(join("models", name, "versions")), _read).items


def _read(document: Any) -> ModelVersion:
    return read_record(ModelVersion, document, model=document["name"])
