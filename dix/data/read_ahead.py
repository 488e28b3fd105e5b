"""Read the next batches in a thread while the present one is worked on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
_DEPTH = 2
_POLL_S = 0.1


class _End:
    """The last thing in the queue: how reading ended."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def read_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items in the same order, at most two ahead; an error while reading is raised here, in its place.

    The thread ends when the items do, or when the iterator is closed.
    """
    waiting: queue.Queue[Item | _End] = queue.Queue(_DEPTH)
    is_closed = threading.Event()
    threading.Thread(target=_fill, args=(items, waiting, is_closed), name="read-ahead", daemon=True).start()
    try:
        while True:
            item = waiting.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        is_closed.set()


def _fill(items: Iterable[Item], waiting: queue.Queue[Item | _End], is_closed: threading.Event) -> None:
    end = _End()
    try:
        for item in items:
            if not _put(waiting, item, is_closed):
                return
    except BaseException as error:  # noqa: BLE001  # it is raised again in the thread that asked
        end = _End(error)
    _put(waiting, end, is_closed)


def _put(waiting: queue.Queue[Item | _End], item: Item | _End, is_closed: threading.Event) -> bool:
    while not is_closed.is_set():
        try:
            waiting.put(item, timeout=_POLL_S)
        except queue.Full:
            continue
        return True
    return False
