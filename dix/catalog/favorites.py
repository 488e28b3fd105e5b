"""The drawer of favourites, in SQL: which models somebody has collected."""

from __future__ import annotations

from dix.catalog.base import Favorites
from dix.catalog.columns import to_micros
from dix.catalog.file import CatalogFile
from dix.catalog.model_rows import get_version
from dix.catalog.writes import Connection, Write
from dix.records.moments import now


class FavoriteTable:
    """Rows of user and model."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._putting = Write(_put)
        self._deleting = Write(_delete)

    def put_favorite(self, user: str, model: str) -> None:
        self._file.write(self._putting, (user, model))

    def delete_favorite(self, user: str, model: str) -> None:
        self._file.write(self._deleting, (user, model))

    def list_favorites(self, user: str) -> tuple[str, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute("SELECT model FROM favorites WHERE user = ? ORDER BY model", [user]).fetchall()
        return tuple(model for (model,) in rows)

    def list_mine(self, user: str) -> tuple[str, ...]:
        with self._file.reading() as cursor:
            rows = cursor.execute(
                "SELECT model FROM favorites WHERE user = $user "
                "UNION SELECT model FROM model_versions WHERE user = $user AND deleted IS NULL ORDER BY model",
                {"user": user},
            ).fetchall()
        return tuple(model for (model,) in rows)


def _put(connection: Connection, wanted: tuple[str, str]) -> None:
    get_version(connection, wanted[1])
    _delete(connection, wanted)
    connection.execute("INSERT INTO favorites VALUES (?, ?, ?)", [*wanted, to_micros(now())])


def _delete(connection: Connection, wanted: tuple[str, str]) -> None:
    connection.execute("DELETE FROM favorites WHERE user = ? AND model = ?", wanted)


def _fits(table: FavoriteTable) -> Favorites:
    return table
