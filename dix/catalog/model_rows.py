"""Versions of models as rows of their table, and what is asked of them inside any transaction."""

from __future__ import annotations

from dix.catalog.columns import Row, from_json, from_micros
from dix.catalog.writes import Connection
from dix.errors import NotFound
from dix.names import find_nearest
from dix.records.model_version import ModelVersion

MODEL_COLUMNS = "model, version, project, uri, created, run, node, manifest, user, trusted_by"


def read_version(row: Row) -> ModelVersion:
    """The version of a row that begins with MODEL_COLUMNS."""
    model, version, project, uri, created, run, node, manifest, *people = row[:10]
    return ModelVersion(model, version, project, uri, from_micros(created), run, node, from_json(manifest), *people)


def find_version(connection: Connection, model: str, version: int | None = None) -> ModelVersion | None:
    """One version, the latest by default; None when it is not there, or deleted."""
    row = connection.execute(
        f"""
        SELECT {MODEL_COLUMNS} FROM model_versions
        WHERE model = $model AND version = coalesce($version, version) AND deleted IS NULL
        ORDER BY version DESC LIMIT 1
        """,
        {"model": model, "version": version},
    ).fetchone()
    return read_version(row) if row else None


def get_version(connection: Connection, model: str, version: int | None = None) -> ModelVersion:
    """One version, the latest by default; NotFound names the latest, or the nearest model."""
    found = find_version(connection, model, version)
    if found is not None:
        return found
    latest = find_version(connection, model)
    if latest is not None:
        raise NotFound("model version", f"{model}/{version}", f"{model}/{latest.version}")
    raise make_model_not_found(connection, model)


def make_model_not_found(connection: Connection, model: str) -> NotFound:
    """What to say of a model that is not there."""
    names = connection.execute("SELECT DISTINCT model FROM model_versions WHERE deleted IS NULL").fetchall()
    return NotFound("model", model, find_nearest(model, (name for (name,) in names)))
