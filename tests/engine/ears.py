"""A listener that remembers what it was told, and orders for it, for the tests of executors."""

from __future__ import annotations

import threading
from typing import Any

from dix.engine.messages import Beat, Returned, StepKey, StepOrder, StepReport
from dix.engine.plan import PlannedStep, Slice
from dix.store.options import StoreOptions
from tests.engine.conftest import wait_until

MIB = 2**20


class Ears:
    """Hears an executor."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.beats: list[Beat] = []
        self.ends: list[StepReport] = []
        self.returns: list[Returned] = []

    def on_beat(self, beat: Beat) -> None:
        with self._lock:
            self.beats.append(beat)

    def on_end(self, report: StepReport) -> None:
        with self._lock:
            self.ends.append(report)

    def on_return(self, returned: Returned) -> None:
        with self._lock:
            self.returns.append(returned)

    def told(self) -> list[str]:
        """The nodes of which an end or a return was told."""
        return [one.key.node for one in (*self.ends, *self.returns)]

    def wait(self, *nodes: str, limit_s: float = 40) -> list[StepReport]:
        """The ends of these nodes' attempts."""
        wait_until(
            lambda: set(nodes) <= {one.key.node for one in self.ends}, limit_s, lambda: (self.ends, self.returns)
        )
        return [next(one for one in self.ends if one.key.node == node) for node in nodes]


def make_order(
    store: StoreOptions, node: str, algorithm: str = "wrecker", slice: Slice | None = None, **params: Any
) -> StepOrder:
    """One attempt of the run `r`; a step of `wrecker` does nothing unless `how` says what."""
    if algorithm == "wrecker":
        params = {"how": "nothing", **params}
    step = PlannedStep(node, "algorithm", algorithm=algorithm, params=params, slice=slice or Slice(0.1))
    return StepOrder(StepKey("r", node, 1), step, {}, {}, {}, store)
