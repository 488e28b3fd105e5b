"""Users, as the client sees them.

Its asynchronous twin. Made from dix/client/users.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from typing import Any

from dix.client.aio.wire import AsyncWire
from dix.client.reading import read_page
from dix.client.users import _read
from dix.client.wire import join
from dix.records.user import User


class AsyncUsers:
    """`client.users`: who may come in. Everybody sees who there is; administrators decide."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def list(self) -> tuple[User, ...]:
        """Every user, by name."""
        return read_page(await self._wire.get(join("users")), _read).items

    async def get(self, name: str) -> User:
        """One user."""
        return _read(await self._wire.get(join("users", name)))

    async def create(
        self,
        name: str,
        password: str | None = None,
        *,
        display_name: str = "",
        email: str | None = None,
        is_administrator: bool = False,
    ) -> User:
        """Make a user, who is in no project yet; AlreadyExists when the name is, or was, somebody's."""
        body = {"name": name, "password": password, "display_name": display_name, "email": email}
        return _read(await self._wire.post(join("users"), {**body, "is_administrator": is_administrator}))

    async def change(self, name: str, **changes: Any) -> User:
        """Change `display_name`, `email`, `is_administrator` or `is_disabled`."""
        return _read(await self._wire.patch(join("users", name), changes))

    async def set_password(self, name: str, password: str) -> None:
        """Give a user another password; it ends their sessions."""
        await self._wire.put_json(join("users", name, "password"), {"password": password})

    async def delete(self, name: str) -> None:
        """Let a user be none any more; what they made stays."""
        await self._wire.delete(join("users", name))

    async def make_code(self, name: str | None = None) -> str:
        """A code that opens one session, once, within an hour: for the dashboard's `?login=`, or `dix login --code`."""
        code: str = (await self._wire.post(join("codes"), {"user": name}))["secret"]
        return code
