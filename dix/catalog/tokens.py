"""The drawer of tokens, in SQL."""

from __future__ import annotations

from datetime import datetime, timedelta

from dix.catalog.access_base import Tokens
from dix.catalog.access_version import AccessVersion
from dix.catalog.columns import Row, find_moment, from_json, from_micros, to_json, to_micros, to_text
from dix.catalog.file import CatalogFile
from dix.catalog.users import get_user
from dix.catalog.writes import Connection, Write
from dix.errors import NotFound
from dix.records.moments import now
from dix.records.token import Scope, Token, TokenKind

TOKEN_COLUMNS = "id, user, name, created, kind, scopes, projects, expires, revoked, last_used"  # noqa: S105 no secret
# What can no longer be shown is of interest for so long.
_KEPT = timedelta(days=30)


class TokenTable:
    """One row for each token; secrets are not in it."""

    def __init__(self, file: CatalogFile, version: AccessVersion) -> None:
        self._file = file
        self._version = version
        self._creating = Write(_create)
        self._revoking = Write(_revoke)
        self._taking = Write(_take)
        self._noting = Write(_note_used)

    def create_token(self, token: Token, digest: str, *, request: str | None = None) -> None:
        self._file.write(self._creating, (token, digest), request)
        self._version.move_on()

    def get_token(self, id: str) -> Token:
        with self._file.cursor() as cursor:
            row = cursor.execute(f"SELECT {TOKEN_COLUMNS} FROM tokens WHERE id = ?", [id]).fetchone()
        if row is None:
            raise NotFound("token", id)
        return read_token(row)

    def list_tokens(self, user: str | None = None) -> tuple[Token, ...]:
        with self._file.cursor() as cursor:
            rows = cursor.execute(
                f"""
                SELECT {TOKEN_COLUMNS} FROM tokens
                WHERE revoked IS NULL AND coalesce(expires > $now, true) AND kind <> 'code'
                    AND ($user::VARCHAR IS NULL OR user = $user)
                ORDER BY created DESC, id
                """,
                {"now": to_micros(now()), "user": user},
            ).fetchall()
        return tuple(map(read_token, rows))

    def revoke_token(self, id: str, at: datetime, *, request: str | None = None) -> None:
        self._file.write(self._revoking, (id, at), request)
        self._version.move_on()

    def take_code(self, digest: str, at: datetime) -> Token | None:
        taken = self._file.write(self._taking, (digest, at))
        self._version.move_on()
        return taken

    def note_used(self, used: dict[str, datetime]) -> None:
        if used:
            self._file.write(self._noting, used)


def read_token(row: Row) -> Token:
    """The token of a row in the order of TOKEN_COLUMNS."""
    key, user, name, created, kind, scopes, projects, expires, revoked, last_used = row
    return Token(
        key,
        user,
        name,
        from_micros(created),
        TokenKind(kind),
        tuple(Scope(scope) for scope in from_json(scopes)),
        None if projects is None else tuple(from_json(projects)),
        find_moment(expires),
        find_moment(revoked),
        find_moment(last_used),
    )


def _create(connection: Connection, given: tuple[Token, str]) -> None:
    token, digest = given
    get_user(connection, token.user)
    limit = to_micros(token.created - _KEPT)
    connection.execute("DELETE FROM tokens WHERE expires < $limit OR revoked < $limit", {"limit": limit})
    connection.execute(
        f"INSERT INTO tokens ({TOKEN_COLUMNS}, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            token.id,
            token.user,
            to_text(token.name) or "",
            to_micros(token.created),
            token.kind.value,
            to_json("scopes", list(token.scopes)),
            None if token.projects is None else to_json("projects", list(token.projects)),
            to_micros(token.expires),
            to_micros(token.revoked),
            to_micros(token.last_used),
            digest,
        ],
    )


def _revoke(connection: Connection, given: tuple[str, datetime]) -> None:
    key, at = given
    if not connection.execute("SELECT 1 FROM tokens WHERE id = ? AND revoked IS NULL", [key]).fetchone():
        raise NotFound("token", key)
    connection.execute("UPDATE tokens SET revoked = ? WHERE id = ?", [to_micros(at), key])


def _take(connection: Connection, given: tuple[str, datetime]) -> Token | None:
    digest, at = given
    row = connection.execute(
        f"SELECT {TOKEN_COLUMNS} FROM tokens WHERE digest = ? AND kind = 'code'", [digest]
    ).fetchone()
    if row is None or not read_token(row).is_good(at):
        return None
    connection.execute("UPDATE tokens SET revoked = ? WHERE digest = ?", [to_micros(at), digest])
    return read_token(row)


def _note_used(connection: Connection, used: dict[str, datetime]) -> None:
    for key, at in used.items():
        connection.execute(
            "UPDATE tokens SET last_used = greatest(coalesce(last_used, 0), ?) WHERE id = ?", [to_micros(at), key]
        )


def _fits(table: TokenTable) -> Tokens:
    return table
