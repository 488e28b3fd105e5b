"""Endpoints on Ray Serve: each is an application of its own, straight behind the front.

Serve's longest route prefix wins, so `/v2/models/<name>` goes to the replicas of the endpoint and everything else to
the control application at `/`.
"""

from __future__ import annotations

import re

from ray import serve
from ray.exceptions import RayError
from ray.serve.config import HTTPOptions
from ray.serve.exceptions import RayServeException
from ray.serve.schema import ApplicationStatus, ApplicationStatusOverview

from dix.errors import Unreachable
from dix.records.endpoint import EndpointState
from dix.serve.host import Host, ReplicaOrder, Standing
from dix.serve.replica import Replica, make_prefix

# An endpoint may be called like the control application.
_APPLICATION = "endpoint-"
# The slots of steps are booked in the engine's own ledger: what a replica held of Ray's would be missing there, and a
# step that has its place would wait for it in vain.
_REPLICA_CPUS = 0
# Requests that one replica holds at a time; it answers them one after the other, more wait in front of it.
_ONGOING = 1000
_FAILURES_TO_GIVE_UP = 2

_STATES = {
    ApplicationStatus.RUNNING: EndpointState.READY,
    ApplicationStatus.DEPLOY_FAILED: EndpointState.FAILED,
    ApplicationStatus.UNHEALTHY: EndpointState.FAILED,
}
_OUR_ERROR = re.compile(r"^dix\.errors\.\w+: (.+)$", re.MULTILINE)


def start_serve(host: str, port: int) -> None:
    """Start Serve with its front at this address, or find the one that runs; called once, by whoever starts Ray."""
    serve.start(http_options=HTTPOptions(host=host, port=port))


class RayHost:
    """See `Host`. Works from any process that is connected to the cluster, a replica of Serve among them."""

    def start(self, order: ReplicaOrder, replicas: int) -> None:
        name = order.endpoint
        configured = serve.deployment(
            name="replica",
            num_replicas=replicas,
            ray_actor_options={"num_cpus": _REPLICA_CPUS},
            max_ongoing_requests=_ONGOING,
            # The old replicas answer until the new ones do, and go on when those cannot start.
            max_surge_percent=100,
            max_constructor_retry_count=_FAILURES_TO_GIVE_UP,
            logging_config={"enable_access_log": False},
        )
        application = configured(serve.ingress()(Replica)).bind(order)
        target = serve.RunTarget(application, name=f"{_APPLICATION}{name}", route_prefix=make_prefix(name))
        try:
            serve.run_many([target], wait_for_applications_running=False)
        except (RayError, RayServeException) as error:
            raise Unreachable("Ray Serve", str(error)) from error

    def stop(self, endpoint: str) -> None:
        try:
            serve.delete(f"{_APPLICATION}{endpoint}")
        except (RayError, RayServeException) as error:
            raise Unreachable("Ray Serve", str(error)) from error

    def look(self) -> dict[str, Standing]:
        try:
            applications = serve.status().applications
        except (RayError, RayServeException) as error:
            raise Unreachable("Ray Serve", str(error)) from error
        return {
            name.removeprefix(_APPLICATION): _read_status(overview)
            for name, overview in applications.items()
            if name.startswith(_APPLICATION) and overview.status != ApplicationStatus.DELETING
        }


def _read_status(overview: ApplicationStatusOverview) -> Standing:
    state = _STATES.get(overview.status, EndpointState.STARTING)
    if state is EndpointState.READY:
        return Standing(state)
    messages = [deployment.message for deployment in overview.deployments.values() if deployment.message]
    return Standing(state, find_cause("\n".join(messages) or overview.message))


def find_cause(message: str) -> str | None:
    """The one sentence of Serve's message that says why: our own error in a traceback, or else its last line."""
    ours = _OUR_ERROR.findall(message)
    if ours:
        return str(ours[-1])
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1][:500] if lines else None


def _fits(host: RayHost) -> Host:
    return host
