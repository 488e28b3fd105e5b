"""Lets models answer: writes down what is wanted, has it started, and says how it stands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from dix.catalog.base import Endpoints
from dix.errors import BadValue, DixError, EndpointFailed, NotFound
from dix.frameworks.card import check_answers
from dix.names import check_name
from dix.records.endpoint import Endpoint, EndpointState
from dix.records.moments import now
from dix.records.tag import Expected
from dix.records.user import FIRST_USER
from dix.registry.registry import Registry
from dix.serve.host import Host, ReplicaOrder, Standing
from dix.store.options import StoreOptions

_LOOK_EVERY_S = 0.1
_MAX_REPLICAS = 1000


@dataclass(frozen=True, slots=True)
class Premises:
    """What all replicas of an installation share; see `ReplicaOrder`."""

    store: StoreOptions
    token_hash: str
    cache: Path | None = None


class Deployer:
    """May be used from any thread; `deploy` and `delete` wait, so never on an event loop.

    What is wanted stands in the catalog before anything is started, so that `restore_all` can bring it back.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        registry: Registry,
        host: Host,
        premises: Premises,
        timeout_s: float = 180.0,
    ) -> None:
        self._endpoints = endpoints
        self._registry = registry
        self._host = host
        self._premises = premises
        self._timeout_s = timeout_s
        # Held while what is wanted is written and started, so that both happen in the same order; never while waiting.
        self._changing = threading.Lock()

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
        """Let the model that `model` refers to answer under `name`; returns when it does.

        What answers there already goes on until then. Raises BadValue, NotFound, NotYet for what cannot be meant,
        BadModel for what may not be loaded, Changed when the endpoint is not the `expected` one, and EndpointFailed
        when the replicas do not start: what answered before then stays, otherwise the endpoint is kept as failed.
        """
        wanted = replace(self._make_wanted(name, model, replicas, project), user=user)
        with self._changing:
            before = self._find(name)
            wanted = replace(wanted, created=before.created if before else wanted.created)
            if before and before.state is EndpointState.READY and _is_the_same_order(before, wanted):
                return before
            self._endpoints.put_endpoint(wanted, expected)
            self._start(wanted)
        return self._settle(wanted, before)

    def list(self) -> tuple[Endpoint, ...]:
        """All endpoints, by name, as they stand now."""
        standings = self._host.look()
        return tuple(_compare(endpoint, standings) for endpoint in self._endpoints.list_endpoints())

    def get(self, name: str) -> Endpoint:
        """One endpoint as it stands now; NotFound names the nearest."""
        return _compare(self._endpoints.get_endpoint(name), self._host.look())

    def delete(self, name: str, expected: Expected | None = None) -> None:
        """End an endpoint and forget it; NotFound when there is none, Changed when it is not the `expected` one."""
        with self._changing:
            self._endpoints.delete_endpoint(name, expected)
            self._host.stop(name)

    def restore_all(self) -> tuple[Endpoint, ...]:
        """Bring back every endpoint that is wanted and does not answer, and end those that are not wanted.

        Returns when each answers or has failed; one that fails hinders no other.
        """
        with self._changing:
            standings = self._host.look()
            wanted = self._endpoints.list_endpoints()
            for name in standings.keys() - {endpoint.name for endpoint in wanted}:
                self._host.stop(name)
            started = [endpoint for endpoint in wanted if endpoint.name not in standings]
            failed = [endpoint for endpoint in started if not self._try(partial(self._start, endpoint), endpoint)]
        for endpoint in started:
            if endpoint not in failed:
                self._try(partial(self._settle, endpoint, None), endpoint)
        return self.list()

    def _make_wanted(self, name: str, model: str, replicas: int, project: str) -> Endpoint:
        check_name("endpoint", name)
        check_name("project", project)
        if not 1 <= replicas <= _MAX_REPLICAS:
            raise BadValue("replicas", f"a number from 1 to {_MAX_REPLICAS}", replicas)
        version = self._registry.resolve(model)
        known = version.manifest
        trusted = version.trusted_by is not None
        check_answers(version.reference, str(known.get("saved_as", "")), str(known.get("loading", "")), trusted=trusted)
        moment = now()
        return Endpoint(
            name=name,
            model=version.model,
            version=version.version,
            project=project,
            state=EndpointState.STARTING,
            created=moment,
            updated=moment,
            replicas=replicas,
        )

    def _find(self, name: str) -> Endpoint | None:
        try:
            return self.get(name)
        except NotFound:
            return None

    def _start(self, endpoint: Endpoint) -> None:
        version = self._registry.resolve(_refer(endpoint))
        premises = self._premises
        order = ReplicaOrder(
            endpoint.name, version, premises.store, premises.token_hash, premises.cache, project=endpoint.project
        )
        self._host.start(order, endpoint.replicas)

    def _settle(self, wanted: Endpoint, before: Endpoint | None) -> Endpoint:
        """Wait for what was started and write down what became of it; see `deploy`."""
        standing = self._wait(wanted.name)
        with self._changing:
            current = self._find(wanted.name)
            if current is None or not _is_the_same_order(current, wanted):
                raise EndpointFailed(wanted.name, _refer(wanted), "it was deleted or deployed anew meanwhile")
            if standing.state is EndpointState.READY:
                return self._put(wanted, EndpointState.READY)
            cause = standing.cause or "no cause is known"
            if before is None or before.state is not EndpointState.READY:
                self._put(wanted, EndpointState.FAILED, cause)
                raise EndpointFailed(wanted.name, _refer(wanted), cause)
            self._endpoints.put_endpoint(before)
            self._start(before)
        raise EndpointFailed(wanted.name, _refer(wanted), cause, f"{_refer(before)} answers as before")

    def _put(self, endpoint: Endpoint, state: EndpointState, error: str | None = None) -> Endpoint:
        settled = replace(endpoint, state=state, error=error, updated=now())
        self._endpoints.put_endpoint(settled)
        return settled

    def _wait(self, name: str) -> Standing:
        deadline = time.monotonic() + self._timeout_s
        while True:
            standing = self._host.look().get(name, Standing(EndpointState.FAILED))
            if standing.state is not EndpointState.STARTING:
                return standing
            if time.monotonic() > deadline:
                waits = f": {standing.cause}" if standing.cause else ""
                return Standing(EndpointState.FAILED, f"no replica answered within {self._timeout_s:g} s{waits}")
            time.sleep(_LOOK_EVERY_S)

    def _try(self, act: Callable[[], object], endpoint: Endpoint) -> bool:
        try:
            act()
        except EndpointFailed:
            return False
        except DixError as error:
            self._put(endpoint, EndpointState.FAILED, str(error))
            return False
        return True


def _compare(endpoint: Endpoint, standings: dict[str, Standing]) -> Endpoint:
    """The endpoint as it stands; what the catalog remembers of a failure outlives the cluster."""
    standing = standings.get(endpoint.name)
    if standing is None:
        error = endpoint.error or "nothing runs for it; `dix up` brings it back"
        return replace(endpoint, state=EndpointState.FAILED, error=error)
    if standing.state is EndpointState.READY:
        return replace(endpoint, state=EndpointState.READY, error=None)
    return replace(endpoint, state=standing.state, error=standing.cause or endpoint.error)


def _is_the_same_order(one: Endpoint, other: Endpoint) -> bool:
    """Whether both ask for the same, however it stands."""
    return one == replace(other, state=one.state, error=one.error, updated=one.updated, user=one.user)


def _refer(endpoint: Endpoint) -> str:
    return f"models:/{endpoint.model}/{endpoint.version}"
