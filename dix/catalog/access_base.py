"""The part of the catalog's interface that says who may come in, what they may do, and what they did; see `base`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from dix.records.access import AccessList
from dix.records.audit_entry import AuditEntry, AuditFilter
from dix.records.member import Member
from dix.records.page import Page
from dix.records.secret import Secret
from dix.records.share import SharedKind, Sharing
from dix.records.sort import SortKey
from dix.records.tag import Expected
from dix.records.token import Token
from dix.records.user import User


class Users(Protocol):
    """Users and what they prove themselves by; the first administrator is always there."""

    def create_user(self, user: User, password: str | None = None, identity: str | None = None) -> None:
        """Write a new one down; AlreadyExists when the name is, or was, somebody's.

        `password` is its argon2 hash, `identity` what another provider calls the user.
        """

    def get_user(self, name: str) -> User:
        """One user; the error names the nearest. Who was deleted is not there."""

    def list_users(self) -> tuple[User, ...]:
        """All of them, by name."""

    def change_user(self, name: str, changes: Mapping[str, Any]) -> User:
        """Change some fields, but not name and creation, and leave the others as they are; the user as changed.

        NotFound when there is none, Conflict when no administrator would be left who can come in, or for deleting the
        first one.
        """

    def find_password(self, name: str) -> str | None:
        """The hash of the password of a user who may come in; None for anybody else."""

    def set_password(self, name: str, password: str | None) -> None:
        """Another hash, or none: then nobody can sign in with a password. Ends the user's sessions and codes."""

    def find_identity(self, identity: str) -> User | None:
        """Whom another provider calls so."""


class Tokens(Protocol):
    """What opens the door, kept by its SHA-256."""

    def create_token(self, token: Token, digest: str) -> None:
        """Write a new one down; NotFound when there is no such user."""

    def get_token(self, id: str) -> Token:
        """One token, whatever became of it."""

    def list_tokens(self, user: str | None = None) -> tuple[Token, ...]:
        """Those that still open the door, newest first; codes are left out."""

    def revoke_token(self, id: str, at: datetime) -> None:
        """From now on it opens nothing; NotFound when there is none that did."""

    def take_code(self, digest: str, at: datetime) -> Token | None:
        """The code with this digest, which is used up by this; None when there is none that is good."""

    def note_used(self, used: dict[str, datetime]) -> None:
        """When tokens were last shown, by their ids."""


class Members(Protocol):
    """Who is in which project."""

    def put_member(self, member: Member, expected: Expected | None = None) -> None:
        """Let a user be a member, or have another role; NotFound for a user or project that is not there."""

    def delete_member(self, project: str, user: str, expected: Expected | None = None) -> None:
        """Let a user be a member no more; NotFound when they are none."""

    def get_member(self, project: str, user: str) -> Member:
        """One member; the error names the nearest."""

    def list_members(self, project: str) -> tuple[Member, ...]:
        """The members of a project, by name."""


class Shares(Protocol):
    """Whose eyes flows and models are for."""

    def find_sharing(self, kind: SharedKind, name: str) -> Sharing | None:
        """How something is shared; None where it is as by default."""

    def put_sharing(self, sharing: Sharing, expected: Expected | None = None) -> None:
        """Replace it; NotFound for a user or project that is not there."""

    def delete_sharing(self, kind: SharedKind, name: str, expected: Expected | None = None) -> None:
        """As by default again."""


class Access(Protocol):
    """All of that in one piece."""

    def read_access(self, known: str | None = None) -> AccessList | None:
        """Everything as it is now; None when it still is what `known`, the version of an earlier answer, was."""


class Secrets(Protocol):
    """Values that steps are given by name; encrypted in the file, with a key that lies beside it."""

    def put_secret(self, project: str, name: str, value: str, user: str, expected: Expected | None = None) -> None:
        """Keep a value, in place of the one before; `user` is who gave it."""

    def get_secret(self, project: str, name: str) -> Secret:
        """What is known of one without its value; the error names the nearest."""

    def list_secrets(self, project: str) -> tuple[Secret, ...]:
        """All of a project, by name, without their values."""

    def delete_secret(self, project: str, name: str, expected: Expected | None = None) -> None:
        """Forget one; NotFound when there is none."""

    def read_values(self, project: str, names: tuple[str, ...]) -> dict[str, str]:
        """Values by name, for the engine; NotFound for the first that is not there."""


class Audit(Protocol):
    """Who did what; entries are added and never changed."""

    def add_entry(self, entry: AuditEntry) -> None:
        """Write one down; it gets the next number."""

    def list_entries(
        self, wanted: AuditFilter, limit: int = 50, cursor: str | None = None, sort: Sequence[SortKey] = ()
    ) -> Page[AuditEntry]:
        """The entries that are wanted, newest first unless another order is asked for."""
