"""What the API stands on, handed to it by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from dix.access.provider import OidcOptions
from dix.catalog.base import Catalog
from dix.engine.base import Engine
from dix.flow.spec import AlgorithmSpecs
from dix.records.backfill import Backfill, BackfillState
from dix.records.endpoint import Endpoint
from dix.records.model_version import ModelVersion
from dix.records.sight import EVERYTHING, Sight
from dix.records.tag import Expected
from dix.records.user import FIRST_USER
from dix.registry.archive import Archive
from dix.registry.importing import Import
from dix.store.store import Store
from dix.sweep.desk import SweepDesk


class Cluster(Protocol):
    """Where everything runs, for `dix status`."""

    def describe(self) -> dict[str, Any]:
        """What is up and how much it has to give; anything JSON can say."""


class Registry(Protocol):
    """Finds what a model's reference means, and keeps the files of versions."""

    def resolve(self, reference: str) -> ModelVersion:
        """The version that `digits`, `models:/digits`, `models:/digits/3` or `models:/digits@champion` names."""

    def archive(self, version: ModelVersion) -> Archive:
        """A version as one file."""

    def import_archive(self, path: Path, wanted: Import, check: Callable[[Path, str], None]) -> ModelVersion:
        """Register what is in such a file, if `check` does not raise."""

    def delete(self, model: str, version: int | None = None, sight: Sight = EVERYTHING) -> tuple[ModelVersion, ...]:
        """Delete one version, or all of a model, and then their files; Conflict while one is needed."""


class Deployer(Protocol):
    """Starts and ends what answers online."""

    def deploy(
        self,
        name: str,
        model: str,
        replicas: int = 1,
        project: str = "default",
        *,
        user: str = FIRST_USER,
        expected: Expected | None = None,
    ) -> Endpoint:
        """Answer under `name` with the model version that `model` refers to."""

    def list(self) -> tuple[Endpoint, ...]:
        """All endpoints, by name, as they stand now."""

    def get(self, name: str) -> Endpoint:
        """One endpoint as it stands now; NotFound names the nearest."""

    def delete(self, name: str, expected: Expected | None = None) -> None:
        """End it and forget it; NotFound when there is none, Changed when it is not the expected one."""


class Scheduler(Protocol):
    """Lets runs begin by themselves, and makes those of backfills."""

    def reread(self, name: str) -> None:
        """A schedule was made, changed or deleted: what is in the catalog holds when this returns."""

    def look_at_aliases(self) -> None:
        """One was set."""

    def create_backfill(self, backfill: Backfill) -> Backfill:
        """Make it and all its runs; raises what is wrong with it, and Unreachable."""

    def change_backfill(
        self,
        id: str,
        state: BackfillState | None = None,
        concurrency: int | None = None,
        *,
        user: str,
        at: datetime,
        expected: Expected | None = None,
    ) -> Backfill:
        """Pause it, resume it, cancel it, or change how many of its runs go at once; Conflict when it is over."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a route may call.

    `token_hash` is the SHA-256 of the token that opens the door, as hex digits. Pages of `origins`, the dashboard's
    own, may call the API from a browser.
    """

    catalog: Catalog
    engine: Engine
    store: Store
    registry: Registry
    deployer: Deployer
    scheduler: Scheduler
    sweeps: SweepDesk
    specs: AlgorithmSpecs
    cluster: Cluster
    token_hash: str
    oidc: OidcOptions | None = None
    origins: tuple[str, ...] = ()


async def _get_parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


PartsHere = Annotated[Parts, Depends(_get_parts)]
