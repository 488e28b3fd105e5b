"""Finds the user of whom a provider has let in, and makes one of who comes for the first time."""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections.abc import Iterator

from dix.access.id_token import Person
from dix.catalog.access_base import Users
from dix.errors import AlreadyExists, SignInRefused
from dix.records.moments import now
from dix.records.user import User

_LONGEST = 50  # leaves room for what tells namesakes apart
_NUMBERED = 20


class Newcomers:
    """May be used from any thread of the one process that admits people."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._lock = threading.Lock()  # so that nobody who comes twice at once becomes two

    def admit(self, person: Person) -> User:
        """The user with this identity and no other, whatever they are called; SignInRefused for who is disabled."""
        with self._lock:
            user = self._users.find_identity(person.identity) or self._create(person)
        if not user.may_come_in:
            raise SignInRefused(f"{user.name} may not come in", "ask an administrator")
        return user

    def _create(self, person: Person) -> User:
        for name in make_names(person.wished_name):
            user = User(name, now(), person.display_name, person.email)
            try:
                self._users.create_user(user, identity=person.identity)
            except AlreadyExists:
                continue
            return user
        raise SignInRefused("no name is left for a new user", "ask an administrator")


def make_names(wished: str) -> Iterator[str]:
    """What somebody may be called, the nearest to their wish first."""
    plain = unicodedata.normalize("NFKD", wished.partition("@")[0]).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-") or "user"
    yield name
    for i in range(2, _NUMBERED):
        yield f"{name}-{i}"
    for _ in range(_NUMBERED):
        yield f"{name}-{secrets.token_hex(4)}"
