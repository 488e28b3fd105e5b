"""The drawer of registered models, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dix.catalog.aliases import get_alias
from dix.catalog.base import Models
from dix.catalog.columns import from_json, to_json, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.latest import LatestFilter, VersionTable, list_latest
from dix.catalog.model_rows import MODEL_COLUMNS, find_version, get_version, make_model_not_found, read_version
from dix.catalog.model_uses import find_uses, tell_uses
from dix.catalog.sight import filter_named
from dix.catalog.writes import Connection, Write
from dix.errors import Conflict
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.moments import now
from dix.records.name_filter import ALL_NAMES, NameFilter
from dix.records.page import Page
from dix.records.sight import EVERYTHING, Sight
from dix.records.user import FIRST_USER

# A deleted version keeps its row, and with it its number.
_VERSIONS = VersionTable("(FROM model_versions WHERE deleted IS NULL)", "model", MODEL_COLUMNS, "model")


@dataclass(frozen=True, slots=True)
class Registration:
    """A draft with where it comes from; `manifest` is its text, made before the transaction begins.

    `user` is whose it is where no run made it.
    """

    draft: ModelDraft
    manifest: str
    project: str
    run: str | None = None
    node: str | None = None
    user: str = FIRST_USER


class ModelTable:
    """Versions by model and number; of a row only whether it is deleted, and who trusts it, is ever changed."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._registering = Write(self._register)
        self._deleting = Write(_delete, encode=_write_deleted, decode=_read_deleted)
        self._noting = Write(_note_erased)
        self._trusting = Write(_trust, encode=_write_trusted, decode=_read_trusted)

    def register_model(
        self,
        draft: ModelDraft,
        project: str,
        run: str | None = None,
        node: str | None = None,
        user: str = FIRST_USER,
    ) -> ModelVersion:
        wanted = Registration(draft, to_json("manifest", draft.manifest), project, run, node, user)
        return self._file.write(self._registering, wanted)

    def get_model(self, model: str, version: int | None = None, alias: str | None = None) -> ModelVersion:
        with self._file.reading() as cursor:
            number = version if alias is None else get_alias(cursor, model, alias).version
            return get_version(cursor, model, number)

    def list_models(
        self,
        limit: int = 50,
        cursor: str | None = None,
        project: str | None = None,
        sight: Sight = EVERYTHING,
        names: Sequence[str] | None = None,
        *,
        wanted: NameFilter = ALL_NAMES,
    ) -> Page[ModelVersion]:
        seen = filter_named(sight, sight.models, "model")
        if names is not None:
            seen = f"{seen[0]} AND list_contains(?::VARCHAR[], model)", [*seen[1], list(names)]
        asked = LatestFilter(limit, cursor, seen, project, wanted.user, wanted.search, wanted.sort)
        with self._file.reading() as connection:
            return list_latest(connection, _VERSIONS, read_version, asked)

    def list_model_versions(self, model: str) -> tuple[ModelVersion, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {MODEL_COLUMNS} FROM model_versions WHERE model = ? AND deleted IS NULL ORDER BY version DESC",
                [model],
            ).fetchall()
            if not rows:
                raise make_model_not_found(cursor, model)
        return tuple(read_version(row) for row in rows)

    def delete_model(
        self, model: str, version: int | None = None, sight: Sight = EVERYTHING, *, request: str | None = None
    ) -> tuple[ModelVersion, ...]:
        return self._file.write(self._deleting, _Doomed(model, version, sight), request)

    def trust_model(self, model: str, version: int, user: str | None, *, request: str | None = None) -> ModelVersion:
        return self._file.write(self._trusting, _Trust(model, version, user), request)

    def list_made_from(self, model: str, version: int) -> tuple[ModelVersion, ...]:
        reference = f"models:/{model}/{version}"
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {MODEL_COLUMNS} FROM model_versions "
                "WHERE deleted IS NULL AND contains(manifest, ?) ORDER BY seq",
                [to_json("reference", reference)],
            ).fetchall()
        near = (read_version(row) for row in rows)
        return tuple(one for one in near if reference in one.manifest.get("lineage", {}).get("models", {}).values())

    def list_unerased(self) -> tuple[ModelVersion, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                f"SELECT {MODEL_COLUMNS} FROM model_versions WHERE deleted IS NOT NULL AND NOT erased ORDER BY deleted"
            ).fetchall()
        return tuple(read_version(row) for row in rows)

    def note_erased(self, model: str, version: int) -> None:
        self._file.write(self._noting, (model, version))

    def _register(self, connection: Connection, wanted: Registration) -> ModelVersion:
        return register(self._file, connection, wanted)


def register(file: CatalogFile, connection: Connection, wanted: Registration) -> ModelVersion:
    """Give a draft the next number of its model, in the writer's open transaction.

    A draft whose folder has a number already gets that one: a folder is registered once, so asking again is safe.
    """
    draft = wanted.draft
    row = connection.execute(
        f"SELECT {MODEL_COLUMNS} FROM model_versions WHERE model = ? AND uri = ?", [draft.model, draft.uri]
    ).fetchone()
    if row is not None:
        return read_version(row)
    latest = connection.execute(
        "SELECT coalesce(max(version), 0) FROM model_versions WHERE model = ?", [draft.model]
    ).fetchone()
    version = int(latest[0]) + 1 if latest else 1
    origin, user = (wanted.run, wanted.node), _find_user(connection, wanted)
    made = (draft.model, version, wanted.project, draft.uri, to_micros(now()), *origin, wanted.manifest, user, None)
    places = ", ".join("?" for _ in ("seq", *made))
    connection.execute(f"INSERT INTO model_versions (seq, {MODEL_COLUMNS}) VALUES ({places})", [file.take_seq(), *made])
    return read_version(made)


def _find_user(connection: Connection, wanted: Registration) -> str:
    """Who started the run that made it, or who brought it."""
    row = connection.execute("SELECT user FROM runs WHERE id = ?", [wanted.run]).fetchone() if wanted.run else None
    return str(row[0]) if row else wanted.user


@dataclass(frozen=True, slots=True)
class _Doomed:
    """What shall be deleted: one version, or all; `sight` is of who wants it."""

    model: str
    version: int | None
    sight: Sight


def _delete(connection: Connection, wanted: _Doomed) -> tuple[ModelVersion, ...]:
    model, version = wanted.model, wanted.version
    get_version(connection, model, version)
    rows = connection.execute(
        f"SELECT {MODEL_COLUMNS} FROM model_versions WHERE model = ? AND deleted IS NULL ORDER BY version", [model]
    ).fetchall()
    doomed = tuple(one for one in map(read_version, rows) if version in {None, one.version})
    uses = find_uses(connection, model, {one.version for one in doomed}, wanted.sight)
    if uses:
        name = model if version is None else f"{model}/{version}"
        raise Conflict("model", name, f"in use ({tell_uses(uses)})", "deleted")
    connection.execute(
        "UPDATE model_versions SET deleted = ? WHERE model = ? AND version = coalesce(?, version) AND deleted IS NULL",
        [to_micros(now()), model, version],
    )
    if find_version(connection, model) is None:
        # Somebody else may take the name, and shares with whom they want.
        connection.execute("DELETE FROM favorites WHERE model = ?", [model])
        connection.execute("DELETE FROM sharings WHERE kind = 'model' AND name = ?", [model])
    return doomed


def _write_deleted(doomed: tuple[ModelVersion, ...]) -> str:
    return to_json("versions", [one.version for one in doomed])


def _read_deleted(connection: Connection, wanted: _Doomed, text: str) -> tuple[ModelVersion, ...]:
    rows = connection.execute(
        f"SELECT {MODEL_COLUMNS} FROM model_versions WHERE model = ? AND version IN (FROM unnest(?)) ORDER BY version",
        [wanted.model, from_json(text)],
    ).fetchall()
    return tuple(read_version(row) for row in rows)


@dataclass(frozen=True, slots=True)
class _Trust:
    """Who lets a version run code from now on; None: nobody."""

    model: str
    version: int
    user: str | None


def _trust(connection: Connection, wanted: _Trust) -> ModelVersion:
    get_version(connection, wanted.model, wanted.version)
    connection.execute(
        "UPDATE model_versions SET trusted_by = ? WHERE model = ? AND version = ?",
        [to_text(wanted.user), wanted.model, wanted.version],
    )
    return get_version(connection, wanted.model, wanted.version)


def _write_trusted(_version: ModelVersion) -> str:
    return "null"


def _read_trusted(connection: Connection, wanted: _Trust, _text: str) -> ModelVersion:
    return get_version(connection, wanted.model, wanted.version)


def _note_erased(connection: Connection, wanted: tuple[str, int]) -> None:
    connection.execute("UPDATE model_versions SET erased = true WHERE model = ? AND version = ?", wanted)


def _fits(table: ModelTable) -> Models:
    return table
