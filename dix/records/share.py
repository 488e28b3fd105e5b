"""Who may see a flow or a model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from dix.records.tag import make_tag

SharedKind = Literal["flow", "model"]


class Visibility(StrEnum):
    """Whose eyes something is for, besides those it is shared with by name."""

    PRIVATE = "private"  # its owner's
    PROJECT = "project"  # its project's members'
    EVERYONE = "everyone"  # all that may come in


@dataclass(frozen=True, slots=True)
class Sharing:
    """Kept where something is not as it is by default: for its project, and shared with nobody beside.

    `owner` is who made its first version. `users` and `projects` are those it is shared with: they may see and use it.
    """

    kind: SharedKind
    name: str
    owner: str
    visibility: Visibility = Visibility.PROJECT
    users: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """Another one for whoever else it is for."""
        return make_tag(self.kind, self.name, self.visibility.value, sorted(self.users), sorted(self.projects))
