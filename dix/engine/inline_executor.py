"""Does steps in this very process, one after the other in a thread: the in-process twin of the Ray executor."""

from __future__ import annotations

import queue
import threading

from dix.engine.executor import Executor, Listener
from dix.engine.machines import Machine, Place
from dix.engine.messages import Beat, StepKey, StepOrder
from dix.engine.workbench import Workbench
from dix.engine.worker import do_step


class InlineExecutor:
    """For tests and small things. A step cannot be killed here: after `stop` it goes on, and nobody listens."""

    def __init__(self, listener: Listener, machine: Machine) -> None:
        self._listener = listener
        self._machine = machine
        self._orders: queue.SimpleQueue[StepOrder | None] = queue.SimpleQueue()
        self._stopped: set[StepKey] = set()
        self._bench = Workbench()
        self._thread = threading.Thread(target=self._work, name="inline executor", daemon=True)
        self._thread.start()

    def start(self, order: StepOrder, place: Place, after: StepKey | None = None) -> None:  # noqa: ARG002 one after another
        self._orders.put(order)

    def stop(self, key: StepKey) -> None:
        self._stopped.add(key)

    def capacity(self) -> tuple[Machine, ...]:
        return (self._machine,)

    def close(self) -> None:
        self._orders.put(None)
        self._thread.join()
        self._bench.clear()

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            if order.key not in self._stopped:
                report = do_step(order, self._tell, self._bench, captures=False)
                if order.key not in self._stopped:
                    self._listener.on_end(report)

    def _tell(self, beat: Beat) -> None:
        if beat.key not in self._stopped:
            self._listener.on_beat(beat)


def _check(executor: InlineExecutor) -> Executor:
    return executor
