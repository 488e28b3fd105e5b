"""The environment of a script on several workers: torchrun's names, script mode's hosts, TensorFlow's cluster."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dix.frameworks.script.group_variables import make_group_variables
from dix.frameworks.script.order import ScriptOrder
from dix.frameworks.script.variables import make_environment, write_config
from dix.frameworks.worker_group import WorkerGroup

GROUP = WorkerGroup(
    rank=2,
    world_size=3,
    local_rank=0,
    local_world_size=1,
    machine_rank=1,
    machine_count=2,
    addresses=("10.0.0.1:32001", "10.0.0.1:32002", "10.0.0.2:32003"),
    interface="eth0",
    job="r1-net-2",
    restarts=1,
    cards=("4", "5"),
)


def test_the_names_are_those_of_torchrun() -> None:
    assert make_group_variables(GROUP, "torch") == {
        "RANK": "2",
        "LOCAL_RANK": "0",
        "WORLD_SIZE": "3",
        "LOCAL_WORLD_SIZE": "1",
        "GROUP_RANK": "1",
        "GROUP_WORLD_SIZE": "2",
        "ROLE_NAME": "default",
        "ROLE_RANK": "2",
        "ROLE_WORLD_SIZE": "3",
        "MASTER_ADDR": "10.0.0.1",
        "MASTER_PORT": "32001",
        "TORCHELASTIC_RUN_ID": "r1-net-2",
        "TORCHELASTIC_RESTART_COUNT": "1",
        "TORCHELASTIC_MAX_RESTARTS": "0",
        "GLOO_SOCKET_IFNAME": "eth0",
        "NCCL_SOCKET_IFNAME": "eth0",
        "CUDA_VISIBLE_DEVICES": "4,5",
    }


def test_tensorflow_has_its_cluster_and_its_own_cards_only() -> None:
    found = make_group_variables(GROUP, "tensorflow")
    assert json.loads(found["TF_CONFIG"]) == {
        "cluster": {"worker": ["10.0.0.1:32001", "10.0.0.1:32002", "10.0.0.2:32003"]},
        "task": {"type": "worker", "index": 2},
    }
    assert "CUDA_VISIBLE_DEVICES" not in found


@pytest.mark.parametrize(("rank", "is_master"), [(0, "true"), (2, "false")])
def test_each_worker_is_a_host_of_script_mode(tmp_path: Path, rank: int, is_master: str) -> None:
    order = ScriptOrder(
        job="r1-net-2",
        code=tmp_path,
        entry="train.py",
        root=tmp_path,
        model=tmp_path,
        checkpoints=tmp_path,
        reports=tmp_path,
        params={},
        words=(),
        channels={},
        inputs={},
        outputs={"data": tmp_path},
        group=replace(GROUP, rank=rank),
    )
    found = make_environment(order, {"RANK": "7", "CUDA_VISIBLE_DEVICES": "4"})
    host = f"algo-{rank + 1}"
    assert (found["RANK"], found["SM_CURRENT_HOST"]) == (str(rank), host)
    assert found["CUDA_VISIBLE_DEVICES"] == "4,5"
    hosts = {"current_host": host, "hosts": ["algo-1", "algo-2", "algo-3"], "network_interface_name": "eth0"}
    assert json.loads(found["SM_RESOURCE_CONFIG"]) == hosts
    assert json.loads(found["SM_TRAINING_ENV"])["is_master"] == json.loads(is_master)
    write_config(order)
    assert json.loads((tmp_path / "input" / "config" / "resourceconfig.json").read_text()) == hosts
