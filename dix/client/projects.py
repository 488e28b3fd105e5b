"""Projects, as the client sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dix.client.reading import read_page, read_record
from dix.client.tags import IfMatch
from dix.client.wire import Wire, join
from dix.records.member import Member
from dix.records.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientProject(Project):
    """A project as it was when the server was asked; `used` is what it used of its quotas then."""

    used: Mapping[str, float] = field(default_factory=dict)


class Projects:
    """`client.projects`: who shares the cluster, and how much of it is whose."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self) -> tuple[ClientProject, ...]:
        """Every project, by name."""
        return read_page(self._wire.get(join("projects")), _read).items

    def get(self, name: str) -> ClientProject:
        """One project."""
        return _read(self._wire.get(join("projects", name)))

    def create(
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
        return _read(self._wire.post(join("projects"), {**body, "quotas": _make_quotas(quotas or {})}))

    def change(
        self, name: str, quotas: Mapping[str, Any] | None = None, *, if_match: IfMatch = None, **changes: Any
    ) -> ClientProject:
        """Change quotas (None takes one away), and with `changes` its cohort, reclaim or description.

        With `if_match`, the project as it was read or its tag, Changed when it is another one by now.
        """
        body = {**changes, "quotas": _make_quotas(quotas or {})}
        return _read(self._wire.patch(join("projects", name), body, if_match=if_match))

    def delete(self, name: str, *, if_match: IfMatch = None) -> None:
        """Forget an empty project; Conflict when something is in it."""
        self._wire.delete(join("projects", name), if_match=if_match)

    def members(self, name: str) -> tuple[Member, ...]:
        """The members of a project, by name."""
        return read_page(self._wire.get(join("projects", name, "members")), _read_member).items

    def add_member(self, name: str, user: str, role: str = "user", *, if_match: IfMatch = None) -> Member:
        """Let a user be a member, or have another role: viewer, user or manager.

        With `if_match`, the member as it was read or its tag, Changed when the role is another one by now.
        """
        path = join("projects", name, "members", user)
        return _read_member(self._wire.put_json(path, {"role": role}, if_match=if_match))

    def remove_member(self, name: str, user: str, *, if_match: IfMatch = None) -> None:
        """Let a user be a member no more; what they made stays with the project."""
        self._wire.delete(join("projects", name, "members", user), if_match=if_match)


def _make_quotas(quotas: Mapping[str, Any]) -> dict[str, Any]:
    return {
        resource: quota if quota is None or isinstance(quota, Mapping) else {"nominal": quota}
        for resource, quota in quotas.items()
    }


def _read(document: Any) -> ClientProject:
    return read_record(ClientProject, document)


def _read_member(document: Any) -> Member:
    return read_record(Member, document)
