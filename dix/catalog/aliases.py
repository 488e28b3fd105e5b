"""The drawer of aliases, in SQL: every move of an alias is a row, and the last one says where it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from dix.catalog.base import Aliases
from dix.catalog.columns import Row, from_micros, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.model_rows import get_version
from dix.catalog.writes import Connection, Write
from dix.errors import Conflict, NotFound
from dix.names import find_nearest
from dix.records.alias import Alias, AliasMove
from dix.records.moments import now
from dix.records.tag import Expected, check_tag

_COLUMNS = "model, alias, after, moment, user"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A move: to which version (None: the alias is deleted), if it is at `expect` now; see `Aliases.set_alias`."""

    model: str
    alias: str
    version: int | None
    user: str
    expect: int | None
    expected: Expected | None


class AliasTable:
    """Moves by model and alias; a row is never changed."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._setting: Write[_Wanted, Alias] = Write(self._set, encode=_write, decode=_read_answer)
        self._deleting = Write(self._delete)

    def set_alias(
        self,
        model: str,
        alias: str,
        version: int,
        user: str,
        expect: int | None = None,
        *,
        expected: Expected | None = None,
        request: str | None = None,
    ) -> Alias:
        return self._file.write(self._setting, _Wanted(model, alias, version, user, expect, expected), request)

    def get_alias(self, model: str, alias: str) -> Alias:
        with self._file.reading() as cursor:
            return get_alias(cursor, model, alias)

    def list_aliases(self, models: Sequence[str]) -> tuple[Alias, ...]:
        with self._file.reading() as cursor:
            return list_aliases(cursor, models)

    def list_alias_moves(self, model: str, alias: str) -> tuple[AliasMove, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                "SELECT model, alias, moment, user, before, after FROM alias_moves WHERE model = ? AND alias = ? "
                "ORDER BY seq DESC",
                [model, alias],
            ).fetchall()
            if not rows:
                raise _make_not_found(cursor, model, alias)
        return tuple(AliasMove(row[0], row[1], from_micros(row[2]), *row[3:]) for row in rows)

    def delete_alias(
        self,
        model: str,
        alias: str,
        user: str,
        expect: int | None = None,
        *,
        expected: Expected | None = None,
        request: str | None = None,
    ) -> None:
        self._file.write(self._deleting, _Wanted(model, alias, None, user, expect, expected), request)

    def _set(self, connection: Connection, wanted: _Wanted) -> Alias:
        get_version(connection, wanted.model, wanted.version)
        before = _find(connection, wanted.model, wanted.alias)
        _check_expected(wanted, before)
        if before is not None and before.version == wanted.version:
            return before
        self._append(connection, wanted, before)
        return get_alias(connection, wanted.model, wanted.alias)

    def _delete(self, connection: Connection, wanted: _Wanted) -> None:
        before = get_alias(connection, wanted.model, wanted.alias)
        _check_expected(wanted, before)
        self._append(connection, wanted, before)

    def _append(self, connection: Connection, wanted: _Wanted, before: Alias | None) -> None:
        known = before.version if before is not None else None
        row = [wanted.model, wanted.alias, to_micros(now()), to_text(wanted.user), known, wanted.version]
        connection.execute("INSERT INTO alias_moves VALUES (?, ?, ?, ?, ?, ?, ?)", [self._file.take_seq(), *row])


def get_alias(connection: Connection, model: str, alias: str) -> Alias:
    """Where an alias is now; NotFound names the nearest alias of the model, or the nearest model."""
    found = _find(connection, model, alias)
    if found is None:
        raise _make_not_found(connection, model, alias)
    return found


def list_aliases(connection: Connection, models: Sequence[str]) -> tuple[Alias, ...]:
    """All aliases of these models as they are now, by model and alias."""
    if not models:
        return ()
    places = ", ".join("?" for _ in models)
    rows = connection.execute(
        f"""
        SELECT {_COLUMNS} FROM (
            SELECT * FROM alias_moves WHERE model IN ({places})
            QUALIFY row_number() OVER (PARTITION BY model, alias ORDER BY seq DESC) = 1
        ) WHERE after IS NOT NULL ORDER BY model, alias
        """,
        list(models),
    ).fetchall()
    return tuple(_read(row) for row in rows)


def _find(connection: Connection, model: str, alias: str) -> Alias | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM alias_moves WHERE model = ? AND alias = ? ORDER BY seq DESC LIMIT 1", [model, alias]
    ).fetchone()
    return _read(row) if row is not None and row[2] is not None else None


def _check_expected(wanted: _Wanted, before: Alias | None) -> None:
    """An `expect` of 0 means an alias that is not there."""
    name = f"{wanted.model}@{wanted.alias}"
    facts = (None, None, None) if before is None else (before.tag, before.user, before.moved)
    check_tag(wanted.expected, "alias", name, facts[0], by=facts[1], at=facts[2])
    known = before.version if before is not None else 0
    if wanted.expect in {None, known}:
        return
    state = f"at version {known}" if known else "not there"
    todo = "deleted" if wanted.version is None else f"moved to version {wanted.version}"
    expected = f"from version {wanted.expect}" if wanted.expect else "as a new one"
    raise Conflict("alias", name, state, f"{todo} {expected}")


def _make_not_found(connection: Connection, model: str, alias: str) -> NotFound:
    get_version(connection, model)
    near = find_nearest(alias, (one.alias for one in list_aliases(connection, [model])))
    return NotFound("alias", f"{model}@{alias}", f"{model}@{near}" if near else None)


def _read(row: Row) -> Alias:
    model, alias, version, moment, user = row
    return Alias(model, alias, version, from_micros(moment), user)


def _write(alias: Alias) -> str:
    return json.dumps([alias.model, alias.alias, alias.version, to_micros(alias.moved), alias.user])


def _read_answer(_connection: Connection, _wanted: object, text: str) -> Alias:
    return _read(tuple(json.loads(text)))


def _fits(table: AliasTable) -> Aliases:
    return table
