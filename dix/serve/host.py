"""The interface of what endpoints run on: begin to answer, stop, see how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dix.records.endpoint import EndpointState
from dix.records.model_version import ModelVersion
from dix.store.options import StoreOptions


@dataclass(frozen=True, slots=True)
class ReplicaOrder:
    """All that a replica needs, on whichever machine it starts.

    `token_hash` is the SHA-256 of the token in `$DIX_HOME/token`, in hexadecimal; others are looked up in the catalog.
    Who sees `project` may ask. `cache` is where a model from a
    distant store is kept; None is the machine's own place. `threads` are the CPU threads that one prediction may use.
    """

    endpoint: str
    version: ModelVersion
    store: StoreOptions
    token_hash: str
    cache: Path | None = None
    threads: int = 1
    project: str = "default"


@dataclass(frozen=True, slots=True)
class Standing:
    """How what was asked for last stands; `cause` is a sentence where it failed, or waits for long."""

    state: EndpointState
    cause: str | None = None


class Host(Protocol):
    """Runs replicas. May be called from any thread; nothing here waits until a model is loaded.

    Raises Unreachable when the cluster does not answer.
    """

    def start(self, order: ReplicaOrder, replicas: int) -> None:
        """Begin to answer; what answers under the name goes on until the new replicas do."""

    def stop(self, endpoint: str) -> None:
        """Stop answering; returns when it is gone. Nothing happens when there is none."""

    def look(self) -> dict[str, Standing]:
        """Every endpoint that was started and not stopped, by name."""
