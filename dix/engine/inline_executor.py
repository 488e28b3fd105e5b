"""Does steps in this very process, one after the other in a thread: the in-process twin of the Ray executor."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from dix.engine.executor import Alive, Executor, Listener
from dix.engine.machines import Machine, Place
from dix.engine.messages import Beat, Returned, StepKey, StepOrder, StepReport
from dix.engine.workbench import Workbench
from dix.engine.worker import do_step


@dataclass(slots=True, eq=False)
class _Item:
    """An attempt in the queue, or at work."""

    order: StepOrder
    has_begun: bool = False
    is_dropped: bool = False  # nobody listens any more


class InlineExecutor:
    """For tests and small things. A step cannot be killed here: after `stop` it goes on, and nobody listens."""

    def __init__(self, listener: Listener, machine: Machine) -> None:
        self._listener = listener
        self._machine = machine
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards the items
        self._items: dict[StepKey, _Item] = {}
        self._bench = Workbench()
        self._thread = threading.Thread(target=self._work, name="inline executor", daemon=True)
        self._thread.start()

    def find_alive(self) -> tuple[Alive, ...]:
        return ()

    def start(self, order: StepOrder, place: Place, after: StepKey | None = None) -> None:  # noqa: ARG002 one by one
        with self._lock:
            item = self._items[order.key] = _Item(order)
        self._queue.put(item)

    def take_back(self, keys: Iterable[StepKey]) -> None:
        with self._lock:
            found = [item for key in keys if (item := self._items.get(key)) is not None and not item.has_begun]
            for item in found:
                item.is_dropped = True
                del self._items[item.order.key]
        for item in found:
            self._listener.on_return(Returned(item.order.key))

    def stop(self, key: StepKey) -> None:
        with self._lock:
            item = self._items.pop(key, None)
            if item is not None:
                item.is_dropped = True

    def acknowledge(self, key: StepKey) -> None:
        """Nothing is kept here: what ran in this process has died with it."""

    def capacity(self) -> tuple[Machine, ...]:
        return (self._machine,)

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()
        self._bench.clear()

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            with self._lock:
                item.has_begun = True
            if not item.is_dropped:
                self._finish(item, do_step(item.order, self._tell, self._bench, captures=False))

    def _finish(self, item: _Item, report: StepReport) -> None:
        with self._lock:
            if item.is_dropped:
                return
            del self._items[item.order.key]
        self._listener.on_end(report)

    def _tell(self, beat: Beat) -> None:
        with self._lock:
            item = self._items.get(beat.key)
        if item is not None and item.has_begun:
            self._listener.on_beat(beat)


def _check(executor: InlineExecutor) -> Executor:
    return executor
