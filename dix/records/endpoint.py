"""An endpoint: an address that answers with a model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dix.records.tag import make_tag
from dix.records.user import FIRST_USER


class EndpointState(StrEnum):
    """Where an endpoint stands. Each is written by the deployer, and only by it."""

    STARTING = "starting"  # wanted, and its replicas are being started
    READY = "ready"  # it answers
    FAILED = "failed"  # its replicas do not start; `error` says why


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is wanted under an address, and how that stands; `version` is fixed (aliases are resolved before).

    `user` is who wanted it.
    """

    name: str
    model: str
    version: int
    project: str
    state: EndpointState
    created: datetime
    updated: datetime
    replicas: int = 1
    error: str | None = None
    user: str = FIRST_USER

    @property
    def tag(self) -> str:
        """Another one for each change of what is wanted, however that stands."""
        return make_tag(self.created, self.model, self.version, self.project, self.replicas)
