"""The machines of the Ray cluster, with what each has to give."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from dix.engine.machines import Machine
from dix.logs import get_logger

_TYPE = "accelerator_type:"  # how Ray marks a machine's type of card
_LOOK_TIMEOUT_S = 10.0

_logger = get_logger("engine")


class RayMachines:
    """Lists the machines; the disk of each is looked at once, when it is first seen."""

    def __init__(self) -> None:
        self._disks: dict[str, int | None] = {}

    def list(self) -> tuple[Machine, ...]:
        """What each machine of the cluster that is alive has to give."""
        nodes = [node for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
        self._disks = {node["NodeID"]: self._disks[node["NodeID"]] for node in nodes if node["NodeID"] in self._disks}
        self._look([node["NodeID"] for node in nodes if node["NodeID"] not in self._disks])
        return tuple(read_machine(node, self._disks.get(node["NodeID"])) for node in nodes)

    def _look(self, nodes: Sequence[str]) -> None:
        """Ask machines how much room there is where their steps work; one that does not say is asked no more."""
        here = ray.get_runtime_context().get_node_id()
        look = ray.remote(num_cpus=0, max_retries=0)(find_free_disk)
        asked = {
            node: look.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)).remote()
            for node in nodes
            if node != here
        }
        for node in nodes:
            self._disks[node] = find_free_disk() if node == here else _hear(node, asked[node])


def find_free_disk() -> int:
    """Bytes that are free where the steps of this machine have their folders."""
    return shutil.disk_usage(tempfile.gettempdir()).free


def _hear(node: str, answer: Any) -> int | None:
    try:
        return int(ray.get(answer, timeout=_LOOK_TIMEOUT_S))
    except RayError as error:  # a timeout is one of them
        _logger.warning("the disk of machine %s is not known, and so no limit: %s", node, error)
        return None


def read_machine(node: dict[str, Any], disk_bytes: int | None) -> Machine:
    """The machine that Ray describes."""
    has: dict[str, float] = node["Resources"]
    types = [name.removeprefix(_TYPE) for name in has if name.startswith(_TYPE)]
    return Machine(
        name=str(node["NodeManagerHostname"]),
        id=str(node["NodeID"]),
        cpu=has.get("CPU", 0.0),
        gpu=has.get("GPU", 0.0),
        memory_bytes=int(has.get("memory", 0)),
        disk_bytes=disk_bytes,
        custom={name: amount for name, amount in has.items() if not _is_of_ray(name)},
        accelerator=types[0] if types else None,
    )


def _is_of_ray(name: str) -> bool:
    """Whether a resource is Ray's own: one with a field, a mark of a machine, or a part of a placement group."""
    is_plain = name in {"CPU", "GPU", "memory", "object_store_memory"}
    return is_plain or name.startswith(("node:", _TYPE, "bundle_group_")) or "_group_" in name
