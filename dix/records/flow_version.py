"""A flow version: one fixed text of a flow document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dix.records.user import FIRST_USER


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """`text` is the document as it was given, `hash` the SHA-256 of its canonical text; versions count from 1.

    `user` is who pushed it.
    """

    flow: str
    version: int
    project: str
    text: str
    hash: str
    created: datetime
    description: str = ""
    user: str = FIRST_USER

    @property
    def tag(self) -> str:
        """Another one for each version."""
        return make_version_tag(self.version, self.hash)


def make_version_tag(version: int, hash: str) -> str:
    """The tag of a version with this number and hash."""
    return f"{version}-{hash[:20]}"
