"""The environment of a script: SageMaker's script mode to the letter, twins that every shell can read, and our own."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dix.frameworks.script.group_variables import make_group_variables
from dix.frameworks.script.order import ScriptOrder

REPORT_VARIABLE = "DIX_REPORT_FILE"
# What DI-X and Ray know each other by is not the script's affair.
_PRIVATE = ("DIX_", "RAY_")
_MARK = "DIX_INSTANCE"  # `dix down` ends what carries it
_TWINS = ("MODEL_DIR", "OUTPUT_DATA_DIR", "OUTPUT_DIR", "INPUT_DIR", "CHANNEL", "HP")
# These stand in SM_TRAINING_ENV only, or have another name beside it.
_ONLY_TOGETHER = frozenset(
    {
        "additional_framework_parameters",
        "channel_input_dirs",
        "hyperparameters",
        "is_master",
        "job_name",
        "master_hostname",
    }
)


def make_environment(order: ScriptOrder, inherited: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of the script's process."""
    kept = {name: value for name, value in inherited.items() if name == _MARK or not name.startswith(_PRIVATE)}
    threads = str(order.threads)
    quick = {"OMP_NUM_THREADS": threads, "TF_NUM_INTRAOP_THREADS": threads, "PYTHONUNBUFFERED": "1"}
    group = make_group_variables(order.group, order.framework) if order.group else {}
    return quick | kept | group | make_variables(order)


def make_variables(order: ScriptOrder) -> dict[str, str]:
    """What the script finds beside what the step itself has."""
    mode = {f"SM_{name.upper()}": write_variable(value) for name, value in _list_properties(order).items()}
    # A hyphen in a name cannot be read by a shell.
    mode |= {name.replace("-", "_"): value for name, value in mode.items() if "-" in name}
    own = {
        f"DIX_{name.removeprefix('SM_')}": value
        for name, value in mode.items()
        if name.removeprefix("SM_").startswith(_TWINS) and "-" not in name
    }
    own |= {"DIX_CHECKPOINT_DIR": str(order.checkpoints), REPORT_VARIABLE: str(order.reports)}
    ports = {f"INPUT_{port.upper()}": place for port, place in order.inputs.items()}
    ports |= {f"OUTPUT_{port.upper()}": str(folder) for port, folder in order.outputs.items()}
    return mode | own | ports | {"OUTPUT_MODEL": str(order.model)}


def write_variable(value: Any) -> str:
    """Text as it is, nothing for None, everything else as JSON without blanks, its keys sorted."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))


def write_config(order: ScriptOrder) -> None:
    """The files of `input/config`, which some scripts read instead of their environment."""
    folder = order.root / "input" / "config"
    folder.mkdir(parents=True, exist_ok=True)
    # What the service itself hands in is text throughout.
    params = {name: write_variable(value) for name, value in order.params.items()}
    for name, content in {
        "hyperparameters": params,
        "inputdataconfig": _list_channels(order),
        "resourceconfig": _list_hosts(order),
    }.items():
        (folder / f"{name}.json").write_text(json.dumps(content, indent=2), encoding="utf-8")


def _list_properties(order: ScriptOrder) -> dict[str, Any]:
    whole = _describe(order)
    flat = {name: value for name, value in whole.items() if name not in _ONLY_TOGETHER}
    channels = {f"channel_{port}": place for port, place in order.channels.items()}
    params = {f"hp_{name}": value for name, value in order.params.items()}
    more = {
        "channels": sorted(order.channels),
        "framework_params": whole["additional_framework_parameters"],
        "hps": whole["hyperparameters"],
        "user_args": list(order.words),
        "checkpoint_dir": str(order.checkpoints),
        "training_env": whole,
    }
    return flat | more | channels | params


def _describe(order: ScriptOrder) -> dict[str, Any]:
    """What `SM_TRAINING_ENV` says at once."""
    output, hosts = order.root / "output", _list_hosts(order)
    return {
        "additional_framework_parameters": {},
        "channel_input_dirs": dict(order.channels),
        "current_host": hosts["current_host"],
        "framework_module": None,
        "hosts": hosts["hosts"],
        "hyperparameters": dict(order.params),
        "input_config_dir": str(order.root / "input" / "config"),
        "input_data_config": _list_channels(order),
        "input_dir": str(order.root / "input"),
        "is_master": hosts["current_host"] == hosts["hosts"][0],
        "job_name": order.job,
        "log_level": logging.INFO,
        "master_hostname": hosts["hosts"][0],
        "model_dir": str(order.model),
        "module_dir": str(order.code),
        "module_name": Path(order.entry).stem,
        "network_interface_name": hosts["network_interface_name"],
        "num_cpus": order.threads,
        "num_gpus": order.cards,
        "num_neurons": 0,
        "output_data_dir": str(order.outputs["data"]),
        "output_dir": str(output),
        "output_intermediate_dir": str(output / "intermediate"),
        "resource_config": hosts,
        "user_entry_point": order.entry,
    }


def _list_channels(order: ScriptOrder) -> dict[str, dict[str, str]]:
    said = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
    return {port: dict(said) for port in order.channels}


def _list_hosts(order: ScriptOrder) -> dict[str, Any]:
    """Each worker is a host of its own, named by its rank, from 1; where it is is said in `MASTER_ADDR`."""
    group = order.group
    names = [f"algo-{number}" for number in range(1, (group.world_size if group else 1) + 1)]
    interface = group.interface if group else "lo"
    return {"current_host": names[group.rank if group else 0], "hosts": names, "network_interface_name": interface}
