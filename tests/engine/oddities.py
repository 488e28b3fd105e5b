"""Algorithms that do what users' code does on a bad day, for the tests of the engine."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from dix.algorithms import lookup
from dix.algorithms.base import Algorithm, StepContext, StepResult
from dix.errors import BadData, BadModel, CatalogError, DataMissing, NotFound, StepFailed, StoreUnreachable, WorkerLost
from dix.flow.spec import AlgorithmSpec, PortKind, PortSpec

_DEAF = "import signal, time; [signal.signal(number, signal.SIG_IGN) for number in (1, 2, 15)]"

ERRORS: dict[str, BaseException] = {
    "value": ValueError("the loss is nan\nand more"),
    "empty": RuntimeError(),
    "half": ValueError("half a character: \udce4"),
    "exit": SystemExit(3),
    "interrupt": KeyboardInterrupt(),
    "data": BadData("file:///x.csv", "column label is not there"),
    "missing": DataMissing("file:///x.csv", "nothing lies there"),
    "model": BadModel("file:///m", "model.json is not JSON"),
    "step": StepFailed("a", "it broke", "Traceback"),
    "found": NotFound("column", "lable", "label"),
    "store": StoreUnreachable("s3://b", "timed out"),
    "catalog": CatalogError("its disk is full"),
    "worker": WorkerLost("a", "killed"),
}


def _spec(name: str, *outputs: PortSpec, trains: bool = False, **params: str) -> AlgorithmSpec:
    return AlgorithmSpec(
        name=name,
        title=name,
        help="For tests.",
        inputs=(PortSpec("data", required=False), PortSpec("more", required=False)),
        outputs=outputs or (PortSpec("data"),),
        params={"type": "object", "additionalProperties": False,
                "properties": {key: {"type": kind} for key, kind in params.items()}},
        trains=trains,
    )  # fmt: skip


class Flaky(Algorithm):
    """Fails so many times with the named error, then hands its address on. `tries` counts the attempts of each node."""

    spec = _spec("flaky", fails="integer", error="string")
    tries: dict[str, int]  # set anew for each test

    def run(self, context: StepContext) -> StepResult:
        self.tries[context.node] = self.tries.get(context.node, 0) + 1
        print(f"try {self.tries[context.node]}")
        if self.tries[context.node] <= context.params.get("fails", 10**9):
            raise ERRORS[context.params.get("error", "value")]
        return StepResult(uris={"data": context.target}, metrics={"tries": self.tries[context.node]})


class Gate(Algorithm):
    """Says that it is there, and waits to be let go."""

    spec = _spec("gate")
    entered: threading.Semaphore  # set anew for each test
    opened: threading.Event

    @classmethod
    def open_all(cls) -> None:
        """Let go whoever still waits, so that a test can end."""
        if hasattr(cls, "opened"):
            cls.opened.set()

    def run(self, context: StepContext) -> StepResult:
        context.report(1, 0.25, depth=4)
        self.entered.release()
        assert self.opened.wait(30)
        return self.leave(context)

    def leave(self, context: StepContext) -> StepResult:
        """Hand the address on."""
        return StepResult(uris={"data": context.target})


class Kiln(Gate):
    """The same, and leaves a file."""

    spec = _spec("kiln")

    def leave(self, context: StepContext) -> StepResult:
        (context.output("data") / "rows.csv").write_text("a\n1\n")
        return StepResult()


class Learner(Algorithm):
    """Leaves a model, and one row of numbers an epoch."""

    spec = _spec("learner", PortSpec("model", PortKind.MODEL), trains=True, epochs="integer")

    def run(self, context: StepContext) -> StepResult:
        epochs = context.params.get("epochs", 3)
        for epoch in range(1, epochs + 1):
            context.report(epoch, epoch / epochs, loss=1 / epoch)
        card = {"framework": "torch", "algorithm": "learner", "inputs": [], "outputs": []}
        (context.output("model") / "model.json").write_text(json.dumps(card))
        return StepResult(metrics={"best": 0.5})


class Writer(Algorithm):
    """Leaves files on two ports, and then perhaps fails."""

    spec = _spec("writer", PortSpec("data"), PortSpec("report", PortKind.METRICS), fails="boolean")

    def run(self, context: StepContext) -> StepResult:
        (context.output("data") / "rows.csv").write_text("a\n1\n")
        (context.output("report") / "report.json").write_text("{}")
        if context.params.get("fails"):
            raise RuntimeError("after it wrote")
        return StepResult()


class Filer(Algorithm):
    """Leaves one file."""

    spec = _spec("filer")

    def run(self, context: StepContext) -> StepResult:
        (context.output("data") / "rows.csv").write_text("a\n1\n")
        return StepResult()


class Forgetful(Algorithm):
    """Promises an output and leaves none."""

    spec = _spec("forgetful")

    def run(self, context: StepContext) -> StepResult:
        return StepResult()


class Numbers(Algorithm):
    """Calls things metrics that no JSON can hold."""

    spec = _spec("numbers")

    def run(self, context: StepContext) -> StepResult:
        import numpy as np

        metrics: dict[str, Any] = {
            "float32": np.float32(0.5),
            "int64": np.int64(7),
            "array": np.arange(3),
            "object": object(),
            "set": {1},
            "nan": float("nan"),
            "half": "\udce4",
            "bool": np.bool_(True),
        }
        return StepResult(uris={"data": context.target}, metrics=metrics)


class Talker(Algorithm):
    """Prints in every way there is."""

    spec = _spec("talker")

    def run(self, context: StepContext) -> StepResult:
        print("from Python")
        print("to stderr", file=sys.stderr)
        os.write(1, b"from C\n")
        os.system("echo from a child")
        print("no line end", end="")
        return StepResult(uris={"data": context.target})


class Indiscreet(Algorithm):
    """Fails with the value of a variable."""

    spec = _spec("indiscreet", variable="string")

    def run(self, context: StepContext) -> StepResult:
        raise ValueError(f"it is {os.environ.get(context.params['variable'])!r}")


class Chatter(Algorithm):
    """Prints, waits for a file of the store to appear, and prints again."""

    spec = _spec("chatter", until="string")

    def run(self, context: StepContext) -> StepResult:
        print("first")
        context.report(1, 0.5, loss=2.0)
        end = time.monotonic() + 30
        while not context.store.exists(context.params["until"]) and time.monotonic() < end:
            time.sleep(0.01)
        print("second")
        return StepResult(uris={"data": context.target})


class Sleeper(Algorithm):
    """Takes a little while."""

    spec = _spec("sleeper", seconds="number")

    def run(self, context: StepContext) -> StepResult:
        time.sleep(context.params["seconds"])
        return StepResult(uris={"data": context.target})


class Wrecker(Algorithm):
    """Does what can be done to the process it is in."""

    spec = _spec("wrecker", how="string", marks="string")

    def run(self, context: StepContext) -> StepResult:
        if "marks" in context.params:
            context.store.write_bytes(f"{context.params['marks']}/{context.node}-{os.getpid()}", b"")
        getattr(self, f"_{context.params['how']}")(context)
        return StepResult(uris={"data": context.target}, metrics={"pid": os.getpid()})

    def _nothing(self, context: StepContext) -> None:
        pass

    def _exit(self, context: StepContext) -> None:
        os._exit(7)

    def _segfault(self, context: StepContext) -> None:
        ctypes.string_at(0)

    def _fork(self, context: StepContext) -> None:
        os.fork()

    def _wait(self, context: StepContext) -> None:
        """Takes long, and so does its child, which does not end when it is asked to; shows both."""
        child = subprocess.Popen([sys.executable, "-c", f"{_DEAF}; print(flush=True); time.sleep(300)"], stdout=-1)
        assert child.stdout
        child.stdout.readline()
        context.store.write_bytes(f"waits/{os.getpid()}-{child.pid}", b"")
        time.sleep(300)

    def _hold(self, context: StepContext) -> None:
        """Nothing else of its process comes to its turn: it holds the interpreter's lock."""
        context.store.write_bytes(f"waits/{os.getpid()}", b"")
        ctypes.PyDLL(None).sleep(300)

    def _leave(self, context: StepContext) -> None:
        """Leaves a child behind."""
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
        context.store.write_bytes(f"left/{child.pid}", b"")

    def _eat(self, context: StepContext) -> None:
        food = [bytearray(b"x" * (64 << 20)) for _ in range(24)]
        time.sleep(10)
        assert food

    def _fill(self, context: StepContext) -> None:
        (context.scratch / "big").write_bytes(b"x" * (64 << 20))
        time.sleep(10)

    def _print(self, context: StepContext) -> None:
        line = b"y" * (1 << 20) + b"\n"
        for _ in range(1024):
            os.write(1, line)


ALL: tuple[type[Algorithm], ...] = (
    *(Flaky, Gate, Kiln, Learner, Writer, Filer, Forgetful, Numbers, Talker, Indiscreet, Chatter, Sleeper, Wrecker),
)


def install(patch: pytest.MonkeyPatch) -> None:
    """Make them ready algorithms in this process."""
    patch.setattr(Flaky, "tries", {}, raising=False)
    patch.setattr(Gate, "entered", threading.Semaphore(0), raising=False)
    patch.setattr(Gate, "opened", threading.Event(), raising=False)
    patch.setattr(lookup, "_READY", lookup._READY | {kind.spec.name: kind for kind in ALL})
