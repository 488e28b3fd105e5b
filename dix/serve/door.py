"""The door of an endpoint: who may ask it."""

from __future__ import annotations

from dix.access.book import TokenBook
from dix.access.secret import read_bearer
from dix.errors import NotAllowed, NotAuthenticated, NotFound
from dix.records.token import Scope


class Door:
    """One endpoint's; used from the event loop of its replica."""

    def __init__(self, book: TokenBook, endpoint: str, project: str) -> None:
        self._book = book
        self._endpoint = endpoint
        self._project = project

    async def admit(self, authorization: bytes) -> None:
        """Let in who shows a token with the scope `predict` and sees the endpoint's project.

        Raises NotAuthenticated, NotAllowed, NotFound; Unreachable for a token nobody knows while the catalog is silent.
        """
        caller = await self._book.find_caller(read_bearer(authorization))
        if caller is None:
            raise NotAuthenticated(f"endpoint {self._endpoint}")
        if Scope.PREDICT not in caller.scopes:
            raise NotAllowed(f"ask endpoint {self._endpoint} with this token (that takes the scope predict)")
        if not caller.sight.sees_project(self._project):
            raise NotFound("endpoint", self._endpoint)
