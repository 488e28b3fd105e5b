"""The user's own script through the whole engine: run unchanged, retried from its checkpoint, registered, refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dix.errors import BadDocument
from dix.records.states import RunState, StepState
from tests.engine.conftest import Workshop

TRAIN = """
import argparse, json, os, sys

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--learning-rate", type=float)
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
args = parser.parse_args()
rows = open(os.path.join(args.train, "rows.csv")).read().split()
for epoch in range(args.epochs):
    print(json.dumps({"epoch": epoch + 1, "loss": args.learning_rate / (epoch + 1)}))
open(os.path.join(args.model_dir, "weights.pth"), "w").write("x")
open(os.path.join(os.environ["OUTPUT_SCORES"], "scores.csv"), "w").write("\\n".join(rows))
assert not [name for name in os.environ if name.startswith("RAY_") or name == "DIX_TOKEN"]
"""
FLOW = """
dix: 1
name: own
params: {{epochs: 2}}
nodes:
  rows: {{kind: data, uri: rows.csv}}
  train:
    kind: algorithm
    algorithm: script
    framework: torch
    code: {code}
    inputs: {{train: rows}}
    params: {{epochs: "{{{{ params.epochs }}}}", {params}}}
    model: own
    retries: {retries}
  after: {{kind: algorithm, algorithm: noop, inputs: {{data: train.scores}}}}
"""


def make_flow(code: str = "code/train.py", params: str = "learning_rate: 0.5", retries: int = 0) -> str:
    return FLOW.format(code=code, params=params, retries=retries)


@pytest.fixture
def scripts(workshop: Workshop) -> Workshop:
    workshop.store.write_bytes("code/train.py", TRAIN.encode())
    workshop.store.write_bytes("rows.csv", b"1\n2\n")
    return workshop


def test_a_script_runs_unchanged_and_its_model_is_registered(scripts: Workshop) -> None:
    run = scripts.do(make_flow())
    assert run.state is RunState.SUCCEEDED, scripts.steps(run.id)
    step = scripts.steps(run.id)["train"]
    assert step.metrics == {"loss": 0.25}
    assert step.outputs.keys() == {"model", "metrics", "scores"}
    assert scripts.store.read_bytes(f"{step.outputs['scores']}/scores.csv") == b"1\n2"
    version = scripts.catalog.models.get_model("own")
    assert (version.manifest["saved_as"], version.manifest["loading"]) == ("pickle", "pickles")
    assert {file["path"] for file in version.manifest["files"]} == {
        "model.json", "files/weights.pth", "code/train.py"
    }  # fmt: skip
    assert version.manifest["lineage"]["code"] == run.code["code/train.py"].rpartition("/")[0]
    points = scripts.catalog.telemetry.list_metrics(run.id)
    assert [(point.position, point.value) for point in points if point.name == "loss"] == [(1, 0.5), (2, 0.25)]


def test_the_same_code_is_not_run_again_and_changed_code_is(scripts: Workshop) -> None:
    scripts.do(make_flow())
    again = scripts.do(make_flow())
    assert scripts.steps(again.id)["train"].state is StepState.CACHED
    scripts.store.write_bytes("code/train.py", TRAIN.encode() + b"# changed\n")
    changed = scripts.steps(scripts.do(make_flow()).id)["train"]
    assert changed.state is StepState.SUCCEEDED
    assert "script was dix/code/" in (changed.why_run or "")


def test_a_run_that_is_repeated_runs_the_code_that_it_ran(scripts: Workshop) -> None:
    scripts.store.write_bytes("code/train.py", b"raise SystemExit(3)")
    first = scripts.do(make_flow(params="", retries=0))
    assert first.state is RunState.FAILED
    scripts.store.write_bytes("code/train.py", TRAIN.encode())
    second = scripts.wait(scripts.desk.retry_run(first.id).id)
    assert (second.state, second.code) == (RunState.FAILED, first.code)


def test_a_script_that_fails_says_so_in_its_own_words(scripts: Workshop) -> None:
    scripts.store.write_bytes("code/train.py", b"def load():\n    raise ValueError('no <b>rows</b>')\n\nload()\n")
    run = scripts.do(make_flow(params=""))
    step = scripts.steps(run.id)["train"]
    assert step.error == "train.py ended with exit code 1: ValueError: no <b>rows</b>"
    assert step.trace is not None
    assert step.trace.startswith("Traceback")
    assert "in load" in step.trace
    assert "dix/" not in step.trace


def test_a_retry_goes_on_from_the_last_checkpoint(scripts: Workshop) -> None:
    code = """
import os, pathlib
folder = pathlib.Path(os.environ["DIX_CHECKPOINT_DIR"])
done = len(list(folder.glob("*.ckpt")))
print(f"done={done}")
(folder / f"{done}.ckpt").write_text("x")
if done < 2:
    raise SystemExit(1)
pathlib.Path(os.environ["OUTPUT_SCORES"], "x").write_text("x")
"""
    scripts.store.write_bytes("code/train.py", code.encode())
    run = scripts.do(make_flow(params="", retries=2))
    step = scripts.steps(run.id)["train"]
    assert (run.state, step.attempt, step.metrics) == (RunState.SUCCEEDED, 3, {"done": 2.0}), step
    assert not [file for file in scripts.store.list_files(f"dix/runs/{run.id}/steps") if "checkpoints" in file.path]


def test_a_repeated_run_goes_on_from_the_checkpoints_of_the_one_that_failed(scripts: Workshop) -> None:
    code = """
import os, pathlib, sys
mark = pathlib.Path(os.environ["DIX_CHECKPOINT_DIR"], "a.ckpt")
if not mark.exists():
    mark.write_text("x")
    sys.exit("once")
pathlib.Path(os.environ["OUTPUT_SCORES"], "x").write_text("x")
"""
    scripts.store.write_bytes("code/train.py", code.encode())
    first = scripts.do(make_flow(params=""))
    assert scripts.steps(first.id)["train"].error == "train.py ended with exit code 1: once"
    assert scripts.do(make_flow(params="")).state is RunState.FAILED, "another run begins anew"
    assert scripts.wait(scripts.desk.retry_run(first.id).id).state is RunState.SUCCEEDED


def test_numbers_may_be_called_what_they_like(scripts: Workshop) -> None:
    code = b"import os\nprint('self=1 position=2 progress=0.5 loss=3 epoch=1e30')\nprint('progress=50 a/b=1')\n"
    scripts.store.write_bytes("code/train.py", code + b"open(os.environ['OUTPUT_SCORES'] + '/x', 'w').close()")
    run = scripts.do(make_flow(params=""))
    assert run.state is RunState.SUCCEEDED, scripts.steps(run.id)["train"]
    points = {(point.name, point.position) for point in scripts.catalog.telemetry.list_metrics(run.id)}
    assert points == {("loss", 2), ("a/b", 3)}


def test_an_output_that_another_node_takes_must_be_there(scripts: Workshop) -> None:
    scripts.store.write_bytes("code/train.py", b"")
    step = scripts.steps(scripts.do(make_flow(params="")).id)["train"]
    assert step.error == (
        "train.py has left no scores, which another node takes; write to OUTPUT_SCORES, or take the edge away"
    )


@pytest.mark.parametrize(
    ("code", "params", "told"),
    [
        ("gone.py", "", "train.code: nothing lies at gone.py in the store; "),
        ("code/train.py", "learning_rat: 1", "train.params.learning_rat: train.py has no parameter learning_rat; "),
        ("code/train.py", "learning_rate: high", "train.params.learning_rate: expected a number, got the text 'high'"),
    ],
)
def test_what_cannot_be_run_is_told_before_the_run(scripts: Workshop, code: str, params: str, told: str) -> None:
    with pytest.raises(BadDocument) as caught:
        scripts.start(make_flow(code, params))
    (problem,) = caught.value.problems
    assert str(problem).startswith(told)


def test_a_model_of_a_script_is_no_model_to_ask(scripts: Workshop, tmp_path: Path) -> None:
    flow = make_flow() + "  score: {kind: model, model: train, inputs: {data: rows}}\n"
    step = scripts.steps(scripts.do(flow).id)["score"]
    assert step.error is not None
    assert "a script has left it as pickle, and loading it opens pickles" in step.error


PROGRAM = """
import os, torch
torch.manual_seed(3)
net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Softmax(1))
torch.export.save(torch.export.export(net, (torch.zeros(4, 2),)), os.path.join(os.environ["SM_MODEL_DIR"], "net.pt2"))
"""
ASK = """
dix: 1
name: programs
nodes:
  rows: {{kind: data, uri: flowers.csv}}
  net: {{kind: algorithm, algorithm: script, framework: {framework}, code: with_{framework}.py, timeout: 3m}}
  score: {{kind: model, model: net, inputs: {{data: rows}}}}
"""


def test_a_program_that_runs_code_answers_where_that_is_allowed(scripts: Workshop) -> None:
    scripts.store.write_bytes("with_torch.py", PROGRAM.encode())
    scripts.store.write_bytes("flowers.csv", b"name,width,height\na,1,2.5\nb,3,4\n")
    run = scripts.wait(scripts.start(ASK.format(framework="torch")).id, limit_s=110)
    step = scripts.steps(run.id)["score"]
    assert step.error is not None
    assert step.error.endswith(
        "a script has left it as torch.export, and loading it runs code; "
        "its owner or an administrator may allow that: dix models allow programs-net 1"
    )
    signature = scripts.catalog.models.get_model("programs-net").manifest["signature"]
    assert signature["inputs"] == [{"name": "input", "datatype": "FP32", "shape": [-1, 2], "optional": False}]
    scripts.catalog.models.trust_model("programs-net", 1, "admin")
    again = scripts.wait(scripts.desk.retry_run(run.id).id, limit_s=110)
    assert again.state is RunState.SUCCEEDED, scripts.steps(again.id)["score"]
    rows = read_scores(scripts, again.id)
    assert [row["name"] for row in rows] == ["a", "b"]
    assert [len(row["prediction"]) for row in rows] == [3, 3]
    assert sum(rows[0]["prediction"]) == pytest.approx(1)


def test_a_keras_model_of_a_script_answers_as_it_is(scripts: Workshop) -> None:
    code = """
import os, keras
net = keras.Sequential([keras.Input((2,), name="flower"), keras.layers.Dense(1, kernel_initializer="ones", name="sum")])
net.save(os.path.join(os.environ["SM_MODEL_DIR"], "net.keras"))
"""
    scripts.store.write_bytes("with_tensorflow.py", code.encode())
    scripts.store.write_bytes("flowers.csv", b"name,width,height\na,1,2.5\nb,3,4\n")
    run = scripts.wait(scripts.start(ASK.format(framework="tensorflow")).id, limit_s=110)
    assert run.state is RunState.SUCCEEDED, scripts.steps(run.id)
    assert [row["prediction"] for row in read_scores(scripts, run.id)] == [3.5, 7.0]


def read_scores(scripts: Workshop, run: str) -> list[dict[str, Any]]:
    folder = scripts.store.local_path(scripts.steps(run)["score"].outputs["data"])
    assert folder is not None
    return [row for path in sorted(folder.glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def test_a_script_takes_up_the_model_of_another(scripts: Workshop) -> None:
    second = """
import json, os, pathlib
env = json.loads(os.environ["SM_TRAINING_ENV"])
found = sorted(path.name for path in pathlib.Path(env["channel_input_dirs"]["before"]).iterdir())
assert found == ["weights.pth"], found
assert os.environ["INPUT_ROWS"].endswith("/rows.csv")
"""
    scripts.store.write_bytes("second.py", second.encode())
    flow = make_flow() + (
        "  next: {kind: algorithm, algorithm: script, framework: torch, code: second.py, "
        "inputs: {before: train, rows: rows}}\n"
    )
    run = scripts.do(flow)
    assert run.state is RunState.SUCCEEDED, scripts.steps(run.id)["next"]
    metrics = json.loads(scripts.store.read_bytes(f"{scripts.steps(run.id)['next'].outputs['metrics']}/metrics.json"))
    assert metrics == {"final": {}, "rows": []}


def test_a_script_of_tensorflow_writes_event_files_and_leaves_a_keras_model(scripts: Workshop) -> None:
    code = """
import os
import numpy as np
import tensorflow as tf

features, targets = np.eye(4, dtype="float32"), np.arange(4.0, dtype="float32")
model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")
writer = tf.summary.create_file_writer("logs")
for epoch in range(2):
    history = model.fit(features, targets, verbose=0)
    with writer.as_default():
        tf.summary.write("train/loss", history.history["loss"][0], step=epoch)  # scalar() wants TensorBoard
writer.close()
model.save(os.path.join(os.environ["SM_MODEL_DIR"], "net.keras"))
"""
    scripts.store.write_bytes("keras/train.py", code.encode())
    flow = "dix: 1\nname: keras\nnodes:\n  net: {kind: algorithm, algorithm: script, framework: tensorflow, "
    run = scripts.wait(scripts.start(flow + "code: keras/}\n").id, limit_s=110)
    step = scripts.steps(run.id)["net"]
    assert run.state is RunState.SUCCEEDED, step
    manifest = scripts.catalog.models.get_model("keras-net").manifest
    assert (manifest["framework"], manifest["saved_as"], manifest["loading"]) == ("tensorflow", "keras", "data")
    points = scripts.catalog.telemetry.list_metrics(run.id)
    assert [(point.name, point.position) for point in points] == [("train/loss", 0), ("train/loss", 1)]


def test_addresses_instead_of_copies_where_they_are_asked_for(scripts: Workshop) -> None:
    code = b"import os; assert os.environ['SM_CHANNEL_TRAIN'].startswith('file:///'), os.environ['SM_CHANNEL_TRAIN']\n"
    scripts.store.write_bytes("code/train.py", code + b"open(os.environ['OUTPUT_SCORES'] + '/x', 'w').close()")
    flow = make_flow(params="").replace("model: own", "model: own\n    stage: uri")
    run = scripts.do(flow)
    assert run.state is RunState.SUCCEEDED, scripts.steps(run.id)["train"]
