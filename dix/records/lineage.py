"""The lineage of a model version: what it was made of, and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class DataOrigin:
    """Data that went into a version: where it lay, and the SHA-256 of what it held then, where that is known.

    `node` is the data node that brought it, `port` the port by which it came in where it was not such a node.
    """

    uri: str
    sha256: str | None = None
    node: str | None = None
    port: str | None = None


@dataclass(frozen=True, slots=True)
class Lineage:
    """Of one version. `parents` are the versions that went into it, `children` those that it went into.

    `imported` says where it comes from when no run made it here. What somebody may not see is left out of theirs.
    """

    model: str
    version: int
    project: str
    user: str
    created: datetime
    run: str | None = None
    node: str | None = None
    flow: str | None = None
    flow_version: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    data: tuple[DataOrigin, ...] = ()
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    imported: dict[str, Any] | None = None

    @property
    def reference(self) -> str:
        """How documents and commands name it: `models:/digits/3`."""
        return f"models:/{self.model}/{self.version}"
