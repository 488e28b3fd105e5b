"""The line to the owner: finds it, waits for its answers with a limit, and raises what it meant to raise."""

from __future__ import annotations

import time
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import ActorDiedError, ActorUnavailableError, GetTimeoutError, RayError, RayTaskError

from dix.errors import Unreachable

_WHO = "the catalog"


class Line:
    """May be used by any thread, and pickled; the owner is looked for when it is first called."""

    def __init__(self, owner: ActorHandle[Any] | str, namespace: str, timeout_s: float) -> None:
        self._namespace = namespace
        self._timeout_s = timeout_s
        self._name = owner if isinstance(owner, str) else None
        self._handle = None if isinstance(owner, str) else owner  # emptied when that owner is dead for good

    def call(self, method: str, group: str, *values: object) -> Any:
        """The owner's answer; everything that is asked here may safely be asked again."""
        deadline = time.monotonic() + self._timeout_s
        try:
            return self._ask(method, group, values, deadline)
        except ActorDiedError:
            # Dead for good: perhaps another one was started in its place.
            self._handle = None
        try:
            return self._ask(method, group, values, deadline)
        except ActorDiedError as error:
            raise Unreachable(_WHO, "its owner is dead") from error

    def hang_up(self) -> None:
        """Forget where the owner is."""
        if self._name is not None:
            self._handle = None

    def __getstate__(self) -> dict[str, Any]:
        # The handle travels only where there is no name to find it by.
        handle = self._handle if self._name is None else None
        return {"namespace": self._namespace, "timeout_s": self._timeout_s, "name": self._name, "handle": handle}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._namespace, self._timeout_s = state["namespace"], state["timeout_s"]
        self._name, self._handle = state["name"], state["handle"]

    def _ask(self, method: str, group: str, values: tuple[object, ...], deadline: float) -> Any:
        while True:
            bound = getattr(self._find_owner(), method).options(concurrency_group=group)
            try:
                return ray.get(bound.remote(*values), timeout=max(0.0, deadline - time.monotonic()))
            except GetTimeoutError:
                raise Unreachable(_WHO, f"no answer within {self._timeout_s:g} s") from None
            except ActorUnavailableError as error:
                if time.monotonic() >= deadline:
                    raise Unreachable(_WHO, "the connection to its owner is lost") from error
            except RayTaskError as error:
                raise error.cause from None
            except ActorDiedError:
                raise
            except RayError as error:
                raise Unreachable(_WHO, str(error).splitlines()[0]) from error

    def _find_owner(self) -> ActorHandle[Any]:
        handle = self._handle
        if handle is not None:
            return handle
        if not ray.is_initialized():
            # Asking Ray now would start a new cluster.
            raise Unreachable(_WHO, "this process is not connected to a Ray cluster")
        try:
            handle = ray.get_actor(self._name or "", namespace=self._namespace)
        except ValueError:
            raise Unreachable(_WHO, f"no owner runs in namespace {self._namespace}") from None
        self._handle = handle
        return handle
