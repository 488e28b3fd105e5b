"""Answers of writes, kept with what they wrote, for callers that ask again because an answer was lost on the way."""

from __future__ import annotations

import duckdb

# Far more than can be on the way at once when the owner dies.
KEPT = 10_000


class Answers:
    """Texts by request id. For the writer only; what is kept counts once its transaction is committed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        rows = connection.execute("SELECT request, answer FROM answers ORDER BY seq").fetchall()
        self._settled: dict[str, str] = dict(rows)
        self._fresh: dict[str, str] = {}  # of the open transaction; emptied when it ends

    def find(self, request: str) -> str | None:
        """What was answered under this id; None when it is new."""
        return self._fresh.get(request) or self._settled.get(request)

    def keep(self, connection: duckdb.DuckDBPyConnection, seq: int, request: str, answer: str) -> None:
        """Write an answer down in the open transaction, and now and then forget the oldest."""
        connection.execute("INSERT INTO answers VALUES (?, ?, ?)", [seq, request, answer])
        self._fresh[request] = answer
        if len(self._settled) + len(self._fresh) > 2 * KEPT:
            newest = "SELECT seq FROM answers ORDER BY seq DESC LIMIT ?"
            connection.execute(f"DELETE FROM answers WHERE seq NOT IN ({newest})", [KEPT])

    def settle(self) -> None:
        """The transaction was committed."""
        self._settled |= self._fresh
        self._fresh = {}
        if len(self._settled) > 2 * KEPT:
            self._settled = dict(list(self._settled.items())[-KEPT:])

    def forget(self) -> None:
        """The transaction was rolled back."""
        self._fresh = {}
