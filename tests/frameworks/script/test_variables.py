"""The environment of a script, by the conventions of script mode."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dix.frameworks.script.order import ScriptOrder
from dix.frameworks.script.variables import make_environment, make_variables, write_config


@pytest.fixture
def order(tmp_path: Path) -> ScriptOrder:
    return ScriptOrder(
        job="r1-train-1",
        code=tmp_path / "code",
        entry="src/train.py",
        root=tmp_path,
        model=tmp_path / "model",
        checkpoints=tmp_path / "checkpoints",
        reports=tmp_path / "reports",
        params={"learning-rate": 0.1, "name": "ä", "deep": {"b": [1], "a": None}, "none": None, "on": True},
        words=("--learning-rate", "0.1"),
        channels={"train": "/in/train", "valid": "/in/valid"},
        inputs={"train": "/in/train/x.csv", "valid": "/in/valid"},
        outputs={"data": tmp_path / "data", "scores": tmp_path / "scores"},
        cpus=2.5,
        cards=1,
    )


def test_the_names_are_those_of_script_mode(order: ScriptOrder) -> None:
    found = make_variables(order)
    assert {
        "SM_MODEL_DIR": str(order.model),
        "SM_CHANNELS": '["train","valid"]',
        "SM_CHANNEL_TRAIN": "/in/train",
        "SM_HPS": '{"deep":{"a":null,"b":[1]},"learning-rate":0.1,"name":"\\u00e4","none":null,"on":true}',
        "SM_HP_LEARNING-RATE": "0.1",
        "SM_HP_NAME": "ä",
        "SM_HP_NONE": "",
        "SM_HP_ON": "true",
        "SM_HP_DEEP": '{"a":null,"b":[1]}',
        "SM_CURRENT_HOST": "algo-1",
        "SM_HOSTS": '["algo-1"]',
        "SM_NUM_GPUS": "1",
        "SM_NUM_CPUS": "2",
        "SM_NUM_NEURONS": "0",
        "SM_LOG_LEVEL": "20",
        "SM_NETWORK_INTERFACE_NAME": "lo",
        "SM_USER_ARGS": '["--learning-rate","0.1"]',
        "SM_INPUT_DIR": str(order.root / "input"),
        "SM_INPUT_CONFIG_DIR": str(order.root / "input" / "config"),
        "SM_OUTPUT_DATA_DIR": str(order.outputs["data"]),
        "SM_OUTPUT_DIR": str(order.root / "output"),
        "SM_MODULE_NAME": "train",
        "SM_FRAMEWORK_PARAMS": "{}",
    }.items() <= found.items()
    whole = json.loads(found["SM_TRAINING_ENV"])
    assert (whole["job_name"], whole["hyperparameters"]["learning-rate"]) == ("r1-train-1", 0.1)
    assert whole["output_data_dir"] == str(order.outputs["data"])
    assert {"SM_RESOURCE_CONFIG", "SM_INPUT_DATA_CONFIG"} <= found.keys()


def test_there_are_twins_that_every_shell_can_read(order: ScriptOrder) -> None:
    found = make_variables(order)
    assert found["SM_HP_LEARNING_RATE"] == found["DIX_HP_LEARNING_RATE"] == "0.1"
    assert found["DIX_MODEL_DIR"] == found["SM_MODEL_DIR"] == found["OUTPUT_MODEL"]
    assert found["DIX_CHANNEL_TRAIN"] == "/in/train"
    assert (found["INPUT_TRAIN"], found["OUTPUT_SCORES"]) == ("/in/train/x.csv", str(order.outputs["scores"]))
    assert found["DIX_CHECKPOINT_DIR"] == found["SM_CHECKPOINT_DIR"] == str(order.checkpoints)
    # Settings of DI-X itself would be read by a script that connects to it.
    assert not {"DIX_LOG_LEVEL", "DIX_NUM_CPUS", "DIX_NUM_GPUS"} & found.keys()


def test_what_is_not_the_scripts_affair_is_taken_away(order: ScriptOrder) -> None:
    inherited = {
        "DIX_TOKEN": "secret", "DIX_HOME": "/x", "RAY_AUTH_TOKEN_PATH": "/x", "SM_MODEL_DIR": "old",
        "DIX_INSTANCE": "i",
        "PATH": "/bin", "AWS_ACCESS_KEY_ID": "id", "OMP_NUM_THREADS": "7",
    }  # fmt: skip
    found = make_environment(order, inherited)
    assert not {"DIX_TOKEN", "DIX_HOME", "RAY_AUTH_TOKEN_PATH"} & found.keys()
    assert found["DIX_INSTANCE"] == "i", "what is not marked would outlive the installation"
    assert (found["PATH"], found["AWS_ACCESS_KEY_ID"], found["OMP_NUM_THREADS"]) == ("/bin", "id", "7")
    assert found["SM_MODEL_DIR"] == str(order.model)


def test_the_files_of_the_configuration_are_there(order: ScriptOrder) -> None:
    write_config(order)
    folder = order.root / "input" / "config"
    params = json.loads((folder / "hyperparameters.json").read_text())
    assert params["learning-rate"] == "0.1"
    assert json.loads((folder / "resourceconfig.json").read_text())["hosts"] == ["algo-1"]
    assert set(json.loads((folder / "inputdataconfig.json").read_text())) == {"train", "valid"}
