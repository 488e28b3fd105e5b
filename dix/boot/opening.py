"""Opens the house: run as a process of its own in Ray's environment, it connects, starts the actors and the server.

It reads an `Opening` as JSON from standard input and ends when the API answers. What it says goes to its log; why it
failed stands on standard output as one JSON object, as `records.failure` writes it.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dix.errors import DixError, Unreachable
from dix.records.failure import to_problem
from dix.store.options import StoreOptions

_CONNECT_LIMIT_S = 60.0
# What a commit has staged and not finished by then belongs to a process that died.
_LEFTOVERS_AFTER_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Opening:
    """Where everything is and shall be; `own` says that the cluster is ours alone."""

    ray_address: str
    host: str
    port: int
    home: str
    store_url: str
    s3_endpoint: str | None
    s3_addressing: str
    token_hash: str
    log_level: str
    facts: dict[str, Any]
    oidc: dict[str, Any] | None = None  # the fields of an OidcOptions
    origins: list[str] = field(default_factory=list)  # of the dashboard's pages


def main() -> int:
    """0 when the API answers, 1 otherwise."""
    opening = Opening(**json.load(sys.stdin))
    try:
        _open(opening)
    except DixError as error:
        print(json.dumps(to_problem(error)))  # noqa: T201 the word to the process that waits
        return 1
    return 0


def _open(opening: Opening) -> None:
    from dix.access.provider import OidcOptions
    from dix.boot.control import run_control
    from dix.boot.instance import catalog_file
    from dix.boot.parts import House, make_deployer
    from dix.catalog.owner import start_owner
    from dix.catalog.proxy import ProxyCatalog
    from dix.engine.supervisor import start_supervisor, wait_for_supervisor
    from dix.registry.registry import Registry
    from dix.schedule.scheduler import start_scheduler, wait_for_scheduler
    from dix.serve.ray_host import start_serve
    from dix.store.choose import open_store_with
    from dix.sweep.sweeper import start_sweeper

    options = StoreOptions(opening.store_url, opening.s3_endpoint, opening.s3_addressing)  # type: ignore[arg-type]
    oidc = OidcOptions(**opening.oidc) if opening.oidc else None
    house = House(
        options, opening.token_hash, opening.facts, opening.log_level, oidc=oidc, origins=tuple(opening.origins)
    )
    _connect(opening.ray_address)
    start_owner(catalog_file(Path(opening.home)))
    supervisor = start_supervisor(options, opening.log_level)
    scheduler = start_scheduler(options, opening.log_level)
    start_serve(opening.host, opening.port)
    run_control(house)
    wait_for_supervisor(supervisor)
    wait_for_scheduler(scheduler)
    start_sweeper(options, opening.log_level)
    make_deployer(house).restore_all()
    store = open_store_with(options)
    store.sweep_staging(_LEFTOVERS_AFTER_S)
    Registry(ProxyCatalog().models, store).erase_deleted()


def _connect(address: str) -> None:
    """Connect to Ray, which may still be starting."""
    import ray

    limit = time.monotonic() + _CONNECT_LIMIT_S
    while True:
        try:
            ray.init(address=address, namespace="dix", log_to_driver=False, logging_level=logging.WARNING)
            return
        except (ConnectionError, RuntimeError) as error:
            if time.monotonic() > limit:
                raise Unreachable(f"the Ray cluster at {address}", str(error).splitlines()[0]) from None
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
