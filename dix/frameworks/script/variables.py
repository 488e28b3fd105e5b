"""The environment of a script: SageMaker's script mode to the letter, twins that every shell can read, and our own."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dix.frameworks.script.order import ScriptOrder

HOST = "algo-1"
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
    return quick | kept | make_variables(order)


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
        "resourceconfig": _list_hosts(),
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
    output = order.root / "output"
    return {
        "additional_framework_parameters": {},
        "channel_input_dirs": dict(order.channels),
        "current_host": HOST,
        "framework_module": None,
        "hosts": [HOST],
        "hyperparameters": dict(order.params),
        "input_config_dir": str(order.root / "input" / "config"),
        "input_data_config": _list_channels(order),
        "input_dir": str(order.root / "input"),
        "is_master": True,
        "job_name": order.job,
        "log_level": logging.INFO,
        "master_hostname": HOST,
        "model_dir": str(order.model),
        "module_dir": str(order.code),
        "module_name": Path(order.entry).stem,
        "network_interface_name": "lo",
        "num_cpus": order.threads,
        "num_gpus": order.cards,
        "num_neurons": 0,
        "output_data_dir": str(order.outputs["data"]),
        "output_dir": str(output),
        "output_intermediate_dir": str(output / "intermediate"),
        "resource_config": _list_hosts(),
        "user_entry_point": order.entry,
    }


def _list_channels(order: ScriptOrder) -> dict[str, dict[str, str]]:
    said = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
    return {port: dict(said) for port in order.channels}


def _list_hosts() -> dict[str, Any]:
    return {"current_host": HOST, "hosts": [HOST], "network_interface_name": "lo"}
