"""Users, as the client sees them."""

from __future__ import annotations

from typing import Any

from dix.client.reading import read_page, read_record
from dix.client.wire import Wire, join
from dix.records.user import User


class Users:
    """`client.users`: who may come in. Everybody sees who there is; administrators decide."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self) -> tuple[User, ...]:
        """Every user, by name."""
        return read_page(self._wire.get(join("users")), _read).items

    def get(self, name: str) -> User:
        """One user."""
        return _read(self._wire.get(join("users", name)))

    def create(
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
        return _read(self._wire.post(join("users"), {**body, "is_administrator": is_administrator}))

    def change(self, name: str, **changes: Any) -> User:
        """Change `display_name`, `email`, `is_administrator` or `is_disabled`."""
        return _read(self._wire.patch(join("users", name), changes))

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password; it ends their sessions."""
        self._wire.put_json(join("users", name, "password"), {"password": password})

    def delete(self, name: str) -> None:
        """Let a user be none any more; what they made stays."""
        self._wire.delete(join("users", name))

    def make_code(self, name: str | None = None) -> str:
        """A code that opens one session, once, within an hour: for the dashboard's `?login=`, or `dix login --code`."""
        code: str = self._wire.post(join("codes"), {"user": name})["secret"]
        return code


def _read(document: Any) -> User:
    return read_record(User, document)
