"""Answers of writes, kept with what they wrote, for callers that ask again because an answer was lost on the way."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from dix.catalog.batches import insert_rows

# Far more than can be on the way at once when the owner dies.
KEPT = 10_000

_ANSWER = (("request", pa.string()), ("answer", pa.string()))


class Answers:
    """Texts by request id, without the oldest. For the writer only; they count once their transaction is committed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        rows = connection.execute("SELECT request, answer FROM answers ORDER BY rowid").fetchall()
        self._settled: dict[str, str] = dict(rows)
        self._fresh: dict[str, str] = {}  # of the open transaction; emptied when it ends

    def find(self, request: str) -> str | None:
        """What was answered under this id; None when it is new."""
        return self._fresh.get(request) or self._settled.get(request)

    def keep(self, request: str, answer: str) -> None:
        """Remember an answer of the open transaction."""
        self._fresh[request] = answer

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write the answers of the open transaction down, at its end, and now and then delete the oldest."""
        if not self._fresh:
            return
        if len(self._settled) >= 2 * KEPT:
            connection.execute("DELETE FROM answers")
            self._settled = dict(list(self._settled.items())[-KEPT:])
            insert_rows(connection, "answers", _ANSWER, list(self._settled.items()))
        insert_rows(connection, "answers", _ANSWER, list(self._fresh.items()))

    def settle(self) -> None:
        """The transaction was committed."""
        self._settled |= self._fresh
        self._fresh = {}

    def forget(self) -> None:
        """The transaction was rolled back."""
        self._fresh = {}
