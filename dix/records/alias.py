"""An alias: a name for one version of a model that can be moved to another one, as `champion`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dix.records.tag import make_tag


@dataclass(frozen=True, slots=True)
class Alias:
    """Which version an alias names since when; `user` is who let it."""

    model: str
    alias: str
    version: int
    moved: datetime
    user: str

    @property
    def reference(self) -> str:
        """How documents and commands name it: `models:/digits@champion`."""
        return f"models:/{self.model}@{self.alias}"

    @property
    def tag(self) -> str:
        """Another one for each move."""
        return make_tag(self.model, self.alias, self.version, self.moved)


@dataclass(frozen=True, slots=True)
class AliasMove:
    """One change of an alias: from which version (None: it is new) to which (None: it is deleted)."""

    model: str
    alias: str
    at: datetime
    user: str
    before: int | None
    after: int | None
