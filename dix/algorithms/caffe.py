"""The Caffe component: trains a user's own prototxts, unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dix.algorithms.base import Algorithm, Report, StepContext, StepResult
from dix.errors import DataMissing
from dix.flow.spec import AlgorithmSpec, PortKind, PortSpec
from dix.frameworks.caffe.journal import print_line
from dix.frameworks.caffe.order import CaffeOrder
from dix.frameworks.lookup import find_caffe_trainer


def _describe_file(text: str, default: str | None = None) -> dict[str, Any]:
    return {"type": ["string", "null"], "default": default, "description": text}


class Caffe(Algorithm):
    """Trains with the solver that lies in the folder of `train`, and leaves the net as one that answers."""

    spec = AlgorithmSpec(
        name="caffe",
        title="Caffe",
        help="Trains a net with your own solver.prototxt and train_val.prototxt, on torch, with Caffe's arithmetic.",
        inputs=(
            PortSpec("train", help="The folder with the prototxts and the data they name (LMDB, HDF5, images)."),
            PortSpec("valid", required=False, help="A second folder that paths in the prototxts may start from."),
        ),
        outputs=(
            PortSpec("model", PortKind.MODEL, help="The trained net: deploy.prototxt and .caffemodel."),
            PortSpec("metrics", PortKind.METRICS, help="The numbers of each displayed iteration and each test."),
        ),
        params={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "solver": _describe_file(
                    "The solver, as a path in the folder of train; none to take a net and its weights as they are.",
                    "solver.prototxt",
                ),
                "net": _describe_file("A net's prototxt to take instead of the one that the solver names."),
                "weights": _describe_file("A .caffemodel in the folder of train (or valid) to start from."),
                "snapshot": _describe_file("A .solverstate in the folder of train (or valid) to go on from."),
                "seed": {
                    "type": "integer", "default": 0, "minimum": 0, "maximum": 2**31 - 1,
                    "description": "Where chance starts, unless the solver has a random_seed.",
                },
            },
        },
        trains=True,
        reads_more=True,  # a prototxt may name any file of the machine
    )  # fmt: skip

    def run(self, context: StepContext) -> StepResult:
        params = context.params
        roots = tuple(_bring(context, port) for port in ("train", "valid") if port in context.inputs)
        history = _History(context.report)
        card = find_caffe_trainer()(
            CaffeOrder(
                solver=_find(context, roots, "solver") if params["solver"] else None,
                roots=roots,
                folder=context.output("model"),
                snapshots=context.scratch / "snapshots",
                log=print_line,
                net=params["net"],
                weights=(_find(context, roots, "weights"),) if params["weights"] else (),
                snapshot=_find(context, roots, "snapshot") if params["snapshot"] else None,
                seed=params["seed"],
                threads=max(1, int(context.cpus)),
                gpus=context.gpus,
                params=params,
            ),
            history,
        )
        text = json.dumps({"final": card.metrics, "iterations": history.rows}, indent=2)
        (context.output("metrics") / "metrics.json").write_text(text + "\n", encoding="utf-8")
        return StepResult(metrics=dict(card.metrics))


class _History:
    """Keeps the numbers on their way to the step's report."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.rows: list[dict[str, float]] = []

    def __call__(self, position: int, progress: float | None = None, **metrics: float) -> None:
        self.rows.append({"iteration": position, **metrics})
        self._report(position, progress, **metrics)


def _bring(context: StepContext, port: str) -> Path:
    """The folder of an input, on this machine; a single file comes into a folder of its own, under its name."""
    uri = context.inputs[port]
    local = context.store.local_path(uri)
    if local is not None and local.is_dir():
        return local
    folder = context.scratch / "inputs" / port
    fetched = context.store.fetch(uri, folder / uri.rstrip("/").rpartition("/")[2])
    return fetched if fetched.is_dir() else folder


def _find(context: StepContext, roots: tuple[Path, ...], param: str) -> Path:
    """The file a parameter names, in the folders of the inputs: what lies elsewhere has no part in what is cached."""
    name = str(context.params[param])
    for root in roots:
        if (root / name).is_file():
            return root / name
    places = ", ".join(context.inputs.values())
    raise DataMissing(name, f"{param} names no file in {places}", f"correct the parameter {param}")
