"""Machines are read off Ray's own list."""

from __future__ import annotations

import pytest
import ray

from dix.engine.machines import Machine
from dix.engine.ray_machines import RayMachines, find_free_disk, read_machine
from tests.fixtures_ray import local_ray  # noqa: F401


def test_a_type_of_card_is_read_off_its_mark_and_what_is_rays_own_is_left_out() -> None:
    resources = {
        "CPU": 8.0,
        "GPU": 2.0,
        "memory": 2.0**33,
        "object_store_memory": 1e9,
        "node:10.0.0.1": 1.0,
        "node:__internal_head__": 1.0,
        "accelerator_type:H100": 1.0,
        "bundle_group_0_ab": 1000.0,
        "CPU_group_ab": 2.0,
        "fpga": 3.0,
    }
    node = {"NodeManagerHostname": "node-1", "NodeID": "ab", "Resources": resources}
    assert read_machine(node, 5) == Machine("node-1", "ab", 8.0, 2.0, 2**33, 5, {"fpga": 3.0}, "H100")
    assert read_machine({**node, "Resources": {}}, None) == Machine("node-1", "ab", 0.0)


@pytest.mark.ray
@pytest.mark.usefixtures("local_ray")
def test_the_disk_of_a_machine_is_looked_at_once() -> None:
    machines = RayMachines()
    (first,) = machines.list()
    assert first.id == ray.get_runtime_context().get_node_id()
    assert (first.cpu, first.gpu, first.accelerator) == (1.0, 0.0, None)
    assert first.disk_bytes is not None
    assert abs(first.disk_bytes - find_free_disk()) < 2**34
    assert machines.list() == (first,)
