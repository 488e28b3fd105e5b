"""Projects, as the client sees them.

Its asynchronous twin. Made from dix/client/projects.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dix.client.aio.wire import AsyncWire
from dix.client.projects import ClientProject, _make_quotas, _read, _read_member
from dix.client.reading import read_page
from dix.client.tags import IfMatch
from dix.client.wire import join
from dix.records.member import Member


class AsyncProjects:
    """`client.projects`: who shares the cluster, and how much of it is whose."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def list(self) -> tuple[ClientProject, ...]:
        """Every project, by name."""
        return read_page(await self._wire.get(join("projects")), _read).items

    async def get(self, name: str) -> ClientProject:
        """One project."""
        return _read(await self._wire.get(join("projects", name)))

    async def create(
        self,
        name: str,
        quotas: Mapping[str, Any] | None = None,
        *,
        cohort: str | None = None,
        reclaim: str = "never",
        description: str = "",
    ) -> ClientProject:
        """Make a project. A quota is a number, a size such as `64GiB`, or a mapping with `nominal`, `borrowing_limit`
        and `lending_limit`. Raises AlreadyExists, BadValue.
        """
        body = {"name": name, "description": description, "cohort": cohort, "reclaim": reclaim}
        return _read(await self._wire.post(join("projects"), {**body, "quotas": _make_quotas(quotas or {})}))

    async def change(
        self, name: str, quotas: Mapping[str, Any] | None = None, *, if_match: IfMatch = None, **changes: Any
    ) -> ClientProject:
        """Change quotas (None takes one away), and with `changes` its cohort, reclaim or description.

        With `if_match`, the project as it was read or its tag, Changed when it is another one by now.
        """
        body = {**changes, "quotas": _make_quotas(quotas or {})}
        return _read(await self._wire.patch(join("projects", name), body, if_match=if_match))

    async def delete(self, name: str, *, if_match: IfMatch = None) -> None:
        """Forget an empty project; Conflict when something is in it."""
        await self._wire.delete(join("projects", name), if_match=if_match)

    async def members(self, name: str) -> tuple[Member, ...]:
        """The members of a project, by name."""
        return read_page(await self._wire.get(join("projects", name, "members")), _read_member).items

    async def add_member(self, name: str, user: str, role: str = "user", *, if_match: IfMatch = None) -> Member:
        """Let a user be a member, or have another role: viewer, user or manager.

        With `if_match`, the member as it was read or its tag, Changed when the role is another one by now.
        """
        path = join("projects", name, "members", user)
        return _read_member(await self._wire.put_json(path, {"role": role}, if_match=if_match))

    async def remove_member(self, name: str, user: str, *, if_match: IfMatch = None) -> None:
        """Let a user be a member no more; what they made stays with the project."""
        await self._wire.delete(join("projects", name, "members", user), if_match=if_match)
