"""What an installation says about itself, for `dix status` and the dashboard."""

from __future__ import annotations

from typing import Any

import ray

_GIB = 2**30


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
            "cpu": _amounts(total, free, "CPU", 1),
            "gpu": _amounts(total, free, "GPU", 1),
            "memory_gib": _amounts(total, free, "memory", _GIB),
        }


def _amounts(total: dict[str, float], free: dict[str, float], name: str, unit: int) -> dict[str, float]:
    return {"total": round(total.get(name, 0.0) / unit, 2), "free": round(free.get(name, 0.0) / unit, 2)}
