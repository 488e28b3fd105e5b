"""A world to look at: an API over a real catalog, full of texts that try to be more than text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from dix.algorithms.lookup import list_specs
from dix.engine.base import RunOrder
from dix.records.endpoint import Endpoint, EndpointState
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.model_version import ModelDraft
from dix.records.moments import now
from dix.records.states import RunState, StepState
from tests.api.server import TOKEN, Server, run_server
from tests.browser.sharing import share_cluster
from tests.browser.store import fill_store

# Each would show itself: as an element, as markup, as a link, or by running.
EVIL = (
    "<script>window.hurt=1</script><img src=x onerror='window.hurt=1'> **bold** [link](javascript:window.hurt=1) "
    ":red[red] $x^2$ `code` ![i](http://192.0.2.1/x.png) 名前 🧪"
)
FLOW = """\
dix: 1
name: digits
description: {description}
params:
  epochs: 12
  learning_rate: 0.01
nodes:
  images: {{kind: data, uri: digits/images/, format: images}}
  parts:
    kind: algorithm
    algorithm: split
    inputs: {{data: images}}
  cnn:
    kind: algorithm
    algorithm: cnn
    framework: torch
    title: {title}
    inputs: {{train: parts.train, valid: parts.valid}}
    params: {{epochs: "{{{{ params.epochs }}}}"}}
    model: digits
  new_images: {{kind: data, uri: digits/new/}}
  score:
    kind: model
    model: cnn
    inputs: {{data: new_images}}
"""
MANIFEST = {
    "format": 1,
    "model": "digits",
    "signature": {
        "inputs": [{"name": "image", "datatype": "UINT8", "shape": [-1, 8, 8]}],
        "outputs": [
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]},
        ],
    },
    "framework": "torch",
    "algorithm": "cnn",
    "labels": [*"012345678", EVIL],
    "preprocessing": {"scale": 0.0625},
    "params": {"epochs": 12, "learning_rate": 0.01},
    "metrics": {"accuracy": 0.9833, "loss": 0.0612, "valid_accuracy": 0.9722},
    "files": [{"path": "weights.safetensors", "size_bytes": 123456, "sha256": "ab" * 32}],
    "size_bytes": 124000,
    "checksum": "cd" * 32,
    "lineage": {
        "run": "r0",
        "node": "cnn",
        "flow": "digits",
        "flow_version": 2,
        "data": [{"uri": f"digits/images/{EVIL}", "checksum": "ef" * 32}],
    },
}


@dataclass(frozen=True)
class World:
    """The server, and the runs by what became of them."""

    server: Server
    succeeded: str
    failed: str
    running: str
    queued: str

    def make_code(self) -> str:
        """A code that lets one browser in, once."""
        with self.server.open() as http:
            return str(http.post("/api/v1/codes", json={}).json()["secret"])


@contextmanager
def make_world(folder: Path) -> Iterator[World]:
    """A server with something in it; its token lies in the folder as `dix up` would leave it."""
    (folder / "token").write_text(TOKEN, encoding="utf-8")
    with run_server(folder, specs=list_specs()) as server:
        _keep_flows(server)
        _register_models(server)
        runs = (_make_succeeded(server), _make_failed(server), _make_running(server), _start(server))
        _deploy(server)
        fill_store(server.parts.store)
        share_cluster(server)
        yield World(server, *runs)


def _keep_flows(server: Server) -> None:
    flows = server.parts.catalog.flows
    flows.push_flow("digits", FLOW.format(description="first", title="CNN"), "1", "default", "first")
    text = FLOW.format(description=repr(EVIL.replace("'", "")), title=repr(EVIL.replace("'", "")))
    flows.push_flow("digits", text, "2", "default", EVIL)
    for i in range(60):
        name = f"flow-{i:02}"
        flows.push_flow(name, f"dix: 1\nname: {name}\nnodes: {{a: {{kind: data, uri: x}}}}\n", name, "default")


def _register_models(server: Server) -> None:
    for i in range(3):
        server.parts.catalog.models.register_model(
            ModelDraft("digits", f"file:///store/dix/models/digits/artifacts/0f3{i}", MANIFEST), "default", "r0", "cnn"
        )
    server.parts.catalog.models.register_model(ModelDraft("faces", "file:///store/faces", {}), "default")


def _start(server: Server) -> str:
    return server.engine.start_run(RunOrder("digits", params={"epochs": 12, "note": EVIL})).id


def _move(server: Server, run: str, node: str, *states: StepState, **facts: object) -> None:
    for state in states:
        begun = {} if state is StepState.WAITING else {"attempt": 1, "started": now() - timedelta(seconds=75)}
        server.engine.move_step(run, node, state, **{**begun, **(facts if state is states[-1] else {})})


def _make_succeeded(server: Server) -> str:
    run = _start(server)
    server.engine.move(run, RunState.RUNNING)
    end = now()
    for node in ("images", "parts", "cnn", "new_images", "score"):
        metrics = MANIFEST["metrics"] if node == "cnn" else {"files": 1797}
        outputs = {"data": f"file:///store/runs/{run}/{node}/"}
        facts = {"ended": end, "metrics": metrics, "outputs": outputs}
        _move(server, run, node, StepState.RUNNING, StepState.SUCCEEDED, **facts)
    _report(server, run)
    server.engine.move(run, RunState.SUCCEEDED)
    return run


def _make_failed(server: Server) -> str:
    run = _start(server)
    server.engine.move(run, RunState.RUNNING)
    _move(server, run, "images", StepState.RUNNING, StepState.SUCCEEDED, ended=now())
    trace = f'Traceback (most recent call last):\n  File "train.py", line 3\nValueError: {EVIL}'
    facts = {"ended": now(), "error": f"ValueError: {EVIL}", "trace": trace}
    _move(server, run, "parts", StepState.RUNNING, StepState.FAILED, **facts)
    for node in ("cnn", "score"):
        _move(server, run, node, StepState.SKIPPED, reason="parts failed")
    server.engine.move(run, RunState.FAILED, f"parts: ValueError: {EVIL}")
    return run


def _make_running(server: Server) -> str:
    run = _start(server)
    server.engine.move(run, RunState.RUNNING)
    for node in ("images", "parts", "new_images"):
        _move(server, run, node, StepState.RUNNING, StepState.SUCCEEDED, ended=now())
    _move(server, run, "cnn", StepState.RUNNING, progress=0.4)
    _move(server, run, "score", StepState.WAITING, reason=f"2 cores are wanted and 0 are free {EVIL}")
    server.engine.lines += [
        LogLine("cnn", 1, now(), "stdout", f"\x1b[32mepoch {i}\x1b[0m {EVIL if i == 3 else 'ok'}") for i in range(1, 41)
    ]
    _report(server, run)
    return run


def _report(server: Server, run: str) -> None:
    points = []
    for epoch in range(1, 13):
        values = {
            "loss": 2.3 * math.exp(-epoch / 4),
            "valid_loss": 2.3 * math.exp(-epoch / 5) + 0.05,
            "accuracy": 1 - 0.9 * math.exp(-epoch / 3),
            "valid_accuracy": 1 - 0.9 * math.exp(-epoch / 3.5),
            EVIL: float(epoch) if epoch < 12 else math.nan,
        }
        points += [MetricPoint(run, "cnn", 1, name, epoch, value, now()) for name, value in values.items()]
    server.parts.catalog.telemetry.add_metrics(tuple(points))


def _deploy(server: Server) -> None:
    server.deployer.deploy("digits", "digits")
    moment = now()
    server.deployer.endpoints["faces"] = Endpoint(
        "faces", "faces", 1, "default", EndpointState.FAILED, moment, moment, error=f"its replicas ended: {EVIL}"
    )


def finish(server: Server, run: str) -> None:
    """The running run comes to its end."""
    for node in ("cnn", "score"):
        step = next(step for step in server.parts.catalog.runs.list_steps(run) if step.node == node)
        if step.state is StepState.WAITING:
            _move(server, run, node, StepState.RUNNING)
        _move(server, run, node, StepState.SUCCEEDED, ended=now())
    server.engine.move(run, RunState.SUCCEEDED)
