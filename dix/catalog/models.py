"""The drawer of registered models, in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from dix.catalog.base import Models
from dix.catalog.columns import Row, from_json, from_micros, to_json, to_micros
from dix.catalog.file import CatalogFile
from dix.catalog.latest import VersionTable, list_latest
from dix.catalog.writes import Connection, Write
from dix.errors import NotFound
from dix.names import find_nearest
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.moments import now
from dix.records.page import Page

_COLUMNS = "model, version, project, uri, created, run, node, manifest"
_VERSIONS = VersionTable("model_versions", "model", _COLUMNS)


@dataclass(frozen=True, slots=True)
class Registration:
    """A draft with where it comes from; `manifest` is its text, made before the transaction begins."""

    draft: ModelDraft
    manifest: str
    project: str
    run: str | None = None
    node: str | None = None


class ModelTable:
    """Versions by model and number; a row is never changed."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._registering = Write(self._register)

    def register_model(
        self, draft: ModelDraft, project: str, run: str | None = None, node: str | None = None
    ) -> ModelVersion:
        wanted = Registration(draft, to_json("manifest", draft.manifest), project, run, node)
        return self._file.write(self._registering, wanted)

    def get_model(self, model: str, version: int | None = None) -> ModelVersion:
        with self._file.reading() as cursor:
            found = _find_version(cursor, model, version)
            if found is not None:
                return found
            latest = _find_version(cursor, model)
            if latest is not None:
                raise NotFound("model version", f"{model}/{version}", f"{model}/{latest.version}")
            raise _make_not_found(cursor, model)

    def list_models(self, limit: int = 50, cursor: str | None = None, project: str | None = None) -> Page[ModelVersion]:
        with self._file.reading() as connection:
            return list_latest(connection, _VERSIONS, _read, limit=limit, cursor=cursor, project=project)

    def list_model_versions(self, model: str) -> tuple[ModelVersion, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {_COLUMNS} FROM model_versions WHERE model = ? ORDER BY version DESC", [model]
            ).fetchall()
            if not rows:
                raise _make_not_found(cursor, model)
        return tuple(_read(row) for row in rows)

    def _register(self, connection: Connection, wanted: Registration) -> ModelVersion:
        return register(self._file, connection, wanted)


def register(file: CatalogFile, connection: Connection, wanted: Registration) -> ModelVersion:
    """Give a draft the next number of its model, in the writer's open transaction.

    A draft whose folder has a number already gets that one: a folder is registered once, so asking again is safe.
    """
    draft = wanted.draft
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM model_versions WHERE model = ? AND uri = ?", [draft.model, draft.uri]
    ).fetchone()
    if row is not None:
        return _read(row)
    latest = connection.execute(
        "SELECT coalesce(max(version), 0) FROM model_versions WHERE model = ?", [draft.model]
    ).fetchone()
    version = int(latest[0]) + 1 if latest else 1
    made = [draft.model, version, wanted.project, draft.uri, to_micros(now()), wanted.run, wanted.node, wanted.manifest]
    connection.execute(
        f"INSERT INTO model_versions (seq, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [file.take_seq(), *made]
    )
    return _read(tuple(made))


def get_registered(connection: Connection, model: str, version: int) -> ModelVersion:
    """A version that was registered before, in the writer's open transaction."""
    found = _find_version(connection, model, version)
    if found is None:
        raise NotFound("model version", f"{model}/{version}")
    return found


def _find_version(connection: Connection, model: str, version: int | None = None) -> ModelVersion | None:
    row = connection.execute(
        f"""
        SELECT {_COLUMNS} FROM model_versions WHERE model = $model AND version = coalesce($version, version)
        ORDER BY version DESC LIMIT 1
        """,
        {"model": model, "version": version},
    ).fetchone()
    return _read(row) if row else None


def _make_not_found(connection: Connection, model: str) -> NotFound:
    names = connection.execute("SELECT DISTINCT model FROM model_versions").fetchall()
    return NotFound("model", model, find_nearest(model, (name for (name,) in names)))


def _read(row: Row) -> ModelVersion:
    model, version, project, uri, created, run, node, manifest = row[:8]
    return ModelVersion(model, version, project, uri, from_micros(created), run, node, from_json(manifest))


def _fits(table: ModelTable) -> Models:
    return table
