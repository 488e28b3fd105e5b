"""Users, tokens, members, sharings, secrets and the audit, by way of the owner; see `proxy`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dix.catalog.drawer import Drawer
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


class ProxyUsers(Drawer):
    """Users, by way of the owner."""

    name = "users"

    def create_user(self, user: User, password: str | None = None, identity: str | None = None) -> None:
        self.write_once("create_user", user=user, password=password, identity=identity)

    def get_user(self, name: str) -> User:
        user: User = self.read("get_user", name=name)
        return user

    def list_users(self) -> tuple[User, ...]:
        users: tuple[User, ...] = self.read("list_users")
        return users

    def change_user(self, name: str, changes: Mapping[str, Any]) -> User:
        changed: User = self.write_once("change_user", name=name, changes=dict(changes))
        return changed

    def find_password(self, name: str) -> str | None:
        password: str | None = self.read("find_password", name=name)
        return password

    def set_password(self, name: str, password: str | None) -> None:
        self.write_once("set_password", name=name, password=password)

    def find_identity(self, identity: str) -> User | None:
        user: User | None = self.read("find_identity", identity=identity)
        return user


class ProxyTokens(Drawer):
    """Tokens, by way of the owner."""

    name = "tokens"

    def create_token(self, token: Token, digest: str) -> None:
        self.write_once("create_token", token=token, digest=digest)

    def get_token(self, id: str) -> Token:
        token: Token = self.read("get_token", id=id)
        return token

    def list_tokens(self, user: str | None = None) -> tuple[Token, ...]:
        tokens: tuple[Token, ...] = self.read("list_tokens", user=user)
        return tokens

    def revoke_token(self, id: str, at: datetime) -> None:
        self.write_once("revoke_token", id=id, at=at)

    def take_code(self, digest: str, at: datetime) -> Token | None:
        code: Token | None = self.write("take_code", digest=digest, at=at)
        return code

    def note_used(self, used: dict[str, datetime]) -> None:
        self.write("note_used", used=used)


class ProxyMembers(Drawer):
    """Members, by way of the owner."""

    name = "members"

    def put_member(self, member: Member, expected: Expected | None = None) -> None:
        self.write_once("put_member", member=member, expected=expected)

    def delete_member(self, project: str, user: str, expected: Expected | None = None) -> None:
        self.write_once("delete_member", project=project, user=user, expected=expected)

    def get_member(self, project: str, user: str) -> Member:
        member: Member = self.read("get_member", project=project, user=user)
        return member

    def list_members(self, project: str) -> tuple[Member, ...]:
        members: tuple[Member, ...] = self.read("list_members", project=project)
        return members


class ProxyShares(Drawer):
    """Sharings, by way of the owner."""

    name = "shares"

    def find_sharing(self, kind: SharedKind, name: str) -> Sharing | None:
        sharing: Sharing | None = self.read("find_sharing", kind=kind, name=name)
        return sharing

    def put_sharing(self, sharing: Sharing, expected: Expected | None = None) -> None:
        self.write_once("put_sharing", sharing=sharing, expected=expected)

    def delete_sharing(self, kind: SharedKind, name: str, expected: Expected | None = None) -> None:
        self.write_once("delete_sharing", kind=kind, name=name, expected=expected)


class ProxyAccess(Drawer):
    """All of that in one piece, by way of the owner."""

    name = "access"

    def read_access(self, known: str | None = None) -> AccessList | None:
        access: AccessList | None = self.read("read_access", known=known)
        return access


class ProxySecrets(Drawer):
    """Secrets, by way of the owner."""

    name = "secrets"

    def put_secret(self, project: str, name: str, value: str, user: str, expected: Expected | None = None) -> None:
        self.write_once("put_secret", project=project, name=name, value=value, user=user, expected=expected)

    def get_secret(self, project: str, name: str) -> Secret:
        secret: Secret = self.read("get_secret", project=project, name=name)
        return secret

    def list_secrets(self, project: str) -> tuple[Secret, ...]:
        secrets: tuple[Secret, ...] = self.read("list_secrets", project=project)
        return secrets

    def delete_secret(self, project: str, name: str, expected: Expected | None = None) -> None:
        self.write_once("delete_secret", project=project, name=name, expected=expected)

    def read_values(self, project: str, names: tuple[str, ...]) -> dict[str, str]:
        values: dict[str, str] = self.read("read_values", project=project, names=names)
        return values


class ProxyAudit(Drawer):
    """The audit, by way of the owner."""

    name = "audit"

    def add_entry(self, entry: AuditEntry) -> None:
        self.write_once("add_entry", entry=entry)

    def list_entries(
        self, wanted: AuditFilter, limit: int = 50, cursor: str | None = None, sort: Sequence[SortKey] = ()
    ) -> Page[AuditEntry]:
        page: Page[AuditEntry] = self.read("list_entries", wanted=wanted, limit=limit, cursor=cursor, sort=tuple(sort))
        return page
