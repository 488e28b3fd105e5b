"""What an installation says about itself, for `dix status` and the dashboard."""

from __future__ import annotations

from typing import Any

import ray
from ray._private.state import available_resources_per_node

_GIB = 2**30
_TYPE = "accelerator_type:"  # how Ray marks a machine's type of card


class ClusterDescription:
    """Implements `api.parts.Cluster` in a process that is connected to Ray."""

    def __init__(self, facts: dict[str, Any]) -> None:
        """`facts` are what was fixed when it was brought up: addresses, the store."""
        self._facts = facts

    def describe(self) -> dict[str, Any]:
        """The facts, what the machines have to give and how much of it is free now."""
        total: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        free: dict[str, float] = ray.available_resources()  # type: ignore[no-untyped-call]
        machines = [node for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
        return {
            **self._facts,
            "machines": len(machines),
            "hosts": _describe_hosts(machines),
            "cpu": _amounts(total, free, "CPU", 1),
            "gpu": _amounts(total, free, "GPU", 1),
            "memory_gib": _amounts(total, free, "memory", _GIB),
        }


def _describe_hosts(machines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each machine by its name, with what it has and what of that is free."""
    free: dict[str, dict[str, float]] = available_resources_per_node()  # type: ignore[no-untyped-call]
    return sorted((describe_host(machine, free.get(machine["NodeID"], {})) for machine in machines), key=_get_name)


def describe_host(machine: dict[str, Any], free: dict[str, float]) -> dict[str, Any]:
    """One machine, as Ray describes it."""
    has: dict[str, float] = machine["Resources"]
    cards = [name.removeprefix(_TYPE) for name in has if name.startswith(_TYPE)]
    return {
        "name": str(machine["NodeManagerHostname"]),
        "accelerator": cards[0] if cards else None,
        "cpu": _amounts(has, free, "CPU", 1),
        "gpu": _amounts(has, free, "GPU", 1),
        "memory_gib": _amounts(has, free, "memory", _GIB),
    }


def _get_name(host: dict[str, Any]) -> str:
    name: str = host["name"]
    return name


def _amounts(total: dict[str, float], free: dict[str, float], name: str, unit: int) -> dict[str, float]:
    return {"total": round(total.get(name, 0.0) / unit, 2), "free": round(free.get(name, 0.0) / unit, 2)}
