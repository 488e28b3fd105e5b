"""Tokens, as the client sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dix.client.reading import read_page, read_record
from dix.client.wire import Wire, join
from dix.records.moments import to_text
from dix.records.token import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken(Token):
    """A token that was just made; `secret` is what is shown at the door, and is not told again."""

    secret: str


class Tokens:
    """`client.tokens`: one's own tokens and sessions."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self, *, everybody: bool = False) -> tuple[Token, ...]:
        """Those that still open the door, newest first; with `everybody` of all users, for administrators."""
        return read_page(self._wire.get(join("tokens"), everybody=everybody or None), _read).items

    def create(
        self,
        name: str,
        scopes: Sequence[str] = ("read", "write", "predict"),
        *,
        projects: Sequence[str] | None = None,
        expires: datetime | None = None,
    ) -> NewToken:
        """Make a token, for oneself; with `projects` it reaches these only."""
        body = {"name": name, "scopes": list(scopes), "expires": to_text(expires)}
        document = self._wire.post(join("tokens"), {**body, "projects": None if projects is None else list(projects)})
        return read_record(NewToken, document)

    def revoke(self, id: str) -> None:
        """From now on it opens nothing, within a second also no endpoint."""
        self._wire.delete(join("tokens", id))


def _read(document: Any) -> Token:
    return read_record(Token, document)
