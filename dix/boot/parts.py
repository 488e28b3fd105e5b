"""Builds every part in a process that is connected to Ray, and hands each one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dix.access.provider import OidcOptions
from dix.algorithms.lookup import list_specs
from dix.api.parts import Parts
from dix.boot.description import ClusterDescription
from dix.catalog.proxy import ProxyCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.desk import Desk
from dix.engine.ray_machines import RayMachines
from dix.engine.supervisor import SupervisorLine
from dix.registry.registry import Registry
from dix.schedule.scheduler import SchedulerLine
from dix.serve.deployer import Deployer, Premises
from dix.serve.ray_host import RayHost
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.sweep.desk import SweepDesk
from dix.sweep.sweeper import SweeperLine


@dataclass(frozen=True, slots=True)
class House:
    """What has to be known of an installation to build its parts; travels to the control application."""

    store: StoreOptions
    token_hash: str
    facts: dict[str, Any]
    log_level: str = "warning"
    cache: Path | None = None
    oidc: OidcOptions | None = None
    origins: tuple[str, ...] = ()


def make_deployer(house: House) -> Deployer:
    """What starts and ends endpoints."""
    catalog = ProxyCatalog()
    registry = Registry(catalog.models, open_store_with(house.store), house.cache)
    return Deployer(catalog.endpoints, registry, RayHost(), Premises(house.store, house.token_hash, house.cache))


def make_parts(house: House) -> Parts:
    """Everything that the API calls."""
    catalog = ProxyCatalog()
    store = open_store_with(house.store)
    specs = list_specs()
    registry = Registry(catalog.models, store, house.cache)
    machines = RayMachines()
    desk = Desk(catalog, store, SupervisorLine(), lambda: Acceptance(catalog, specs, machines.list(), store))
    return Parts(
        catalog=catalog,
        engine=desk,
        store=store,
        registry=registry,
        deployer=make_deployer(house),
        scheduler=SchedulerLine(),
        sweeps=SweepDesk(catalog, desk, SweeperLine(), specs),
        specs=specs,
        cluster=ClusterDescription(house.facts),
        token_hash=house.token_hash,
        oidc=house.oidc,
        origins=house.origins,
    )
