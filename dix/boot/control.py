"""The control application on Ray Serve: the API at `/`, and everything that no endpoint answers."""

from __future__ import annotations

from typing import Any

from ray import serve

from dix.api.app import make_app
from dix.boot.parts import House, make_parts
from dix.logs import start_logging

APPLICATION = "control"
# One thread answers a blocking call; more requests than that wait in line.
_ONGOING = 1000


class Control:
    """What Ray Serve makes an actor of: builds the parts where it starts, then answers."""

    def __init__(self, house: House) -> None:
        start_logging(house.log_level)
        self._application = make_app(make_parts(house))

    def __serve_build_asgi_app__(self) -> Any:
        """Serve's hook for an application that is made in the replica."""
        return self._application


def run_control(house: House) -> None:
    """Start it, or replace the one that runs; returns when it answers."""
    deployment = serve.deployment(
        name="api",
        num_replicas=1,
        ray_actor_options={"num_cpus": 0},
        max_ongoing_requests=_ONGOING,
        logging_config={"enable_access_log": False},
    )
    application = deployment(serve.ingress()(Control)).bind(house)
    serve.run(application, name=APPLICATION, route_prefix="/")
