"""What a script that runs on several workers finds in its environment of them: torchrun's names, and TensorFlow's."""

from __future__ import annotations

import json

from dix.frameworks.worker_group import WorkerGroup


def make_group_variables(group: WorkerGroup, framework: str | None) -> dict[str, str]:
    """Ranks and addresses; the first worker itself listens at `MASTER_ADDR:MASTER_PORT`.

    torch finds the cards of all workers of its machine and takes the one with its local rank's number; TensorFlow
    takes all that it sees, and so sees its own only.
    """
    address, port = group.master
    variables = {
        "RANK": group.rank,
        "LOCAL_RANK": group.local_rank,
        "WORLD_SIZE": group.world_size,
        "LOCAL_WORLD_SIZE": group.local_world_size,
        "GROUP_RANK": group.machine_rank,
        "GROUP_WORLD_SIZE": group.machine_count,
        "ROLE_NAME": "default",
        "ROLE_RANK": group.rank,
        "ROLE_WORLD_SIZE": group.world_size,
        "MASTER_ADDR": address,
        "MASTER_PORT": port,
        "TORCHELASTIC_RUN_ID": group.job,
        "TORCHELASTIC_RESTART_COUNT": group.restarts,
        "TORCHELASTIC_MAX_RESTARTS": 0,
        "GLOO_SOCKET_IFNAME": group.interface,
        "NCCL_SOCKET_IFNAME": group.interface,
    }
    if framework == "tensorflow":
        task = {"cluster": {"worker": list(group.addresses)}, "task": {"type": "worker", "index": group.rank}}
        variables["TF_CONFIG"] = json.dumps(task)
    elif group.cards:
        variables["CUDA_VISIBLE_DEVICES"] = ",".join(group.cards)
    return {name: str(value) for name, value in variables.items()}
