"""The drawer of replies, in SQL: requests with a key, and what they were answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dix.catalog.base import Replies
from dix.catalog.columns import from_json, to_json, to_micros
from dix.catalog.file import CatalogFile
from dix.catalog.writes import Connection, Write
from dix.errors import BadValue, Conflict
from dix.records.reply import KEPT_FOR, KeyedRequest, Reply

_MICROSECOND = timedelta(microseconds=1)


class ReplyTable:
    """One row for each key of a user; without an answer while the request is being answered."""

    def __init__(self, file: CatalogFile) -> None:
        self._file = file
        self._claiming = Write(_claim, encode=_say_whose, decode=_find_again)
        self._settling = Write(_settle)
        self._releasing = Write(_release)

    def claim_key(self, asked: KeyedRequest, at: datetime, *, request: str | None = None) -> Reply | None:
        return self._file.write(self._claiming, _Claim(asked, to_micros(at) or 0), request)

    def keep_reply(self, asked: KeyedRequest, reply: Reply, *, request: str | None = None) -> None:
        self._file.write(self._settling, (asked, reply), request)

    def release_key(self, asked: KeyedRequest, *, request: str | None = None) -> None:
        self._file.write(self._releasing, asked, request)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A request that begins at a moment, in microseconds."""

    asked: KeyedRequest
    at: int


def _claim(connection: Connection, claim: _Claim) -> Reply | None:
    asked = claim.asked
    connection.execute("DELETE FROM replies WHERE moment < ?", [claim.at - KEPT_FOR // _MICROSECOND])
    row = connection.execute(
        "SELECT fingerprint, status, body, headers FROM replies WHERE user = ? AND key = ?", [asked.user, asked.key]
    ).fetchone()
    if row is None:
        connection.execute(
            "INSERT INTO replies (user, key, fingerprint, moment) VALUES (?, ?, ?, ?)",
            [asked.user, asked.key, asked.fingerprint, claim.at],
        )
        return None
    fingerprint, status, body, headers = row
    if fingerprint != asked.fingerprint:
        raise BadValue("Idempotency-Key", "another key for another request", asked.key)
    if status is None:
        state = "not answered: the server ended while it was at it, or is at it still"
        raise Conflict("request", asked.key, state, "repeated; look what it has made, then send it with another key")
    return Reply(status, body, from_json(headers))


def _say_whose(reply: Reply | None) -> str:
    return "new" if reply is None else "answered"


def _find_again(connection: Connection, claim: _Claim, answer: str) -> Reply | None:
    return None if answer == "new" else _claim(connection, claim)


def _settle(connection: Connection, settled: tuple[KeyedRequest, Reply]) -> None:
    asked, reply = settled
    connection.execute(
        "UPDATE replies SET status = ?, body = ?, headers = ? WHERE user = ? AND key = ?",
        [reply.status, reply.body, to_json("headers", dict(reply.headers)), asked.user, asked.key],
    )


def _release(connection: Connection, asked: KeyedRequest) -> None:
    connection.execute("DELETE FROM replies WHERE user = ? AND key = ?", [asked.user, asked.key])


def _fits(table: ReplyTable) -> Replies:
    return table
