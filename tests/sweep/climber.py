"""An algorithm whose number is known beforehand, for the tests of sweeps."""

from __future__ import annotations

import json
import threading

import pytest

from dix.algorithms import lookup
from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.flow.spec import AlgorithmSpec, PortKind, PortSpec

_PARAMS = {"x": "number", "kind": "string", "epochs": "integer", "seed": "integer"}

FLOW = """
dix: 1
name: hill
params: {x: 1.0, kind: plain, epochs: 1, seed: 0}
nodes:
  climb:
    kind: algorithm
    algorithm: climber
    params:
      {x: "{{ params.x }}", kind: "{{ params.kind }}", epochs: "{{ params.epochs }}", seed: "{{ params.seed }}"}
"""


class Climber(Algorithm):
    """Tells the height x in the last of its epochs, and a part of it in each one before.

    By its kind it is `silent`, `fails`, `fails once`, or waits after its first epoch to be let go (`waits`). Each
    attempt is written down in `began`.
    """

    spec = AlgorithmSpec(
        name="climber",
        title="climber",
        help="For tests.",
        inputs=(PortSpec("data", required=False),),
        outputs=(PortSpec("model", PortKind.MODEL),),
        params={"type": "object", "properties": {name: {"type": kind} for name, kind in _PARAMS.items()}},
        trains=True,
    )
    began: list[tuple[float, int]]  # set anew for each test
    opened: threading.Event
    fell: threading.Event
    entered: threading.Semaphore

    @classmethod
    def open_all(cls) -> None:
        """Let go whoever still waits, so that a test can end."""
        if hasattr(cls, "opened"):
            cls.opened.set()

    def run(self, context: StepContext) -> StepResult:
        kind, x, epochs = context.params["kind"], context.params["x"], context.params["epochs"]
        self.began.append((x, context.params["seed"]))
        if kind == "fails" or (kind == "fails once" and not self.fell.is_set()):
            if kind == "fails once":
                self.fell.set()
            raise RuntimeError("it fell")
        for epoch in range(1, epochs + 1):
            if kind != "silent":
                context.report(epoch, epoch / epochs, height=x * epoch / epochs + context.params["seed"])
            if kind == "waits" and epoch == 1:
                self.entered.release()
                assert self.opened.wait(30)
        card = {"framework": "torch", "algorithm": "climber", "inputs": [], "outputs": []}
        (context.output("model") / "model.json").write_text(json.dumps(card))
        return StepResult(metrics={} if kind == "silent" else {"height": x + context.params["seed"]})


def install(patch: pytest.MonkeyPatch) -> None:
    """Make it a ready algorithm in this process."""
    patch.setattr(Climber, "began", [], raising=False)
    patch.setattr(Climber, "opened", threading.Event(), raising=False)
    patch.setattr(Climber, "fell", threading.Event(), raising=False)
    patch.setattr(Climber, "entered", threading.Semaphore(0), raising=False)
    patch.setattr(lookup, "_READY", lookup._READY | {"climber": Climber})
