"""Workers add up their numbers over sockets: for a framework that has no way of its own to do it in one process.

They lie in a star. The one in its middle adds up in the order of the ranks, so that all get the same bits.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.errors import PlatformError
from dix.frameworks.worker_group import WorkerGroup
from dix.logs import get_logger

# How long one may wait for another, who may have more to read, or writes a checkpoint.
_PATIENCE_S = 900.0
_LOOK_EVERY_S = 1.0
# By then it is known of whom nothing is heard any more.
_BLAME_S = 15.0
_GREETING_SIZE = 256


class Exchange:
    """Made by `exchange_with`, which all workers call. All of them add up the same arrays in the same order.

    Whatever method waits for the others raises what one of them has failed with, or PlatformError when they cannot be
    reached any more.
    """

    def __init__(self, group: WorkerGroup, others: Mapping[int, socket.socket]) -> None:
        """`others` are all of them, by rank, in the middle, and elsewhere the one in the middle."""
        self._group = group
        self._others = others

    def add(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """The sum over all workers, each of whom gives as many numbers of one type."""
        self._group.check()
        try:
            return self._add_up(numbers) if self._group.is_host else self._ask(numbers)
        except OSError as error:
            raise self._blame(error) from error

    def _add_up(self, numbers: NDArray[Any]) -> NDArray[Any]:
        whole = np.zeros_like(numbers, order="C")
        for rank in range(self._group.world_size):
            whole += numbers if rank == self._group.rank else self._receive(self._others[rank], np.empty_like(whole))
        for other in self._others.values():
            self._send(other, whole)
        return whole

    def _ask(self, numbers: NDArray[Any]) -> NDArray[Any]:
        [middle] = self._others.values()
        self._send(middle, np.ascontiguousarray(numbers))
        return self._receive(middle, np.empty_like(numbers, order="C"))

    def _send(self, other: socket.socket, numbers: NDArray[Any]) -> None:
        self._go_through(numbers, other.send)

    def _receive(self, other: socket.socket, numbers: NDArray[Any]) -> NDArray[Any]:
        self._go_through(numbers, other.recv_into)
        return numbers

    def _go_through(self, numbers: NDArray[Any], move: Callable[[memoryview], int]) -> None:
        """Move all bytes, with an eye on the others."""
        left, until = numbers.reshape(-1).view(np.uint8).data, time.monotonic() + _PATIENCE_S
        while left:
            try:
                moved = move(left)
            except TimeoutError:
                self._group.check()
                if time.monotonic() > until:
                    raise
            else:
                if not moved:
                    raise ConnectionError("the other one has closed the connection")
                left = left[moved:]

    def _blame(self, error: OSError) -> PlatformError:
        """A worker that fails leaves the others without an answer: who it was is known a little later."""
        until = time.monotonic() + _BLAME_S
        while time.monotonic() < until:
            self._group.check()
            time.sleep(0.1)
        get_logger("frameworks").warning("worker %d lost the others: %s", self._group.rank, error)
        return PlatformError(f"worker {self._group.rank} of {self._group.world_size} cannot reach the others any more")


@contextmanager
def exchange_with(group: WorkerGroup) -> Iterator[Exchange]:
    """Wait until all are there, and add up inside."""
    until, others = time.monotonic() + _PATIENCE_S, dict[int, socket.socket]()
    try:
        if group.is_host:
            _receive_all(group, others, until)
        else:
            others[group.host] = _reach_middle(group, until)
        for other in others.values():
            other.settimeout(_LOOK_EVERY_S)
            other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Exchange(group, others)
    finally:
        for other in others.values():
            other.close()


def _receive_all(group: WorkerGroup, others: dict[int, socket.socket], until: float) -> None:
    """Who does not say that it is a worker of this attempt is turned away."""
    address, port = group.master
    names = {_greet(group, rank): rank for rank in range(group.world_size) if rank != group.rank}
    try:
        server = socket.create_server((address, int(port)))
    except OSError as error:
        raise PlatformError(f"worker {group.rank} cannot meet the others at {address}:{port}: {error}") from error
    with server:
        server.settimeout(_LOOK_EVERY_S)
        while len(others) < len(names):
            _go_on_waiting(group, until)
            try:
                other, _ = server.accept()
                other.settimeout(_LOOK_EVERY_S)
                rank = names.get(other.recv(_GREETING_SIZE, socket.MSG_WAITALL))
            except OSError:
                continue
            if rank is None or rank in others:
                other.close()
            else:
                others[rank] = other


def _reach_middle(group: WorkerGroup, until: float) -> socket.socket:
    address, port = group.master
    while True:
        _go_on_waiting(group, until)
        try:
            middle = socket.create_connection((address, int(port)), timeout=_LOOK_EVERY_S)
        except OSError:
            time.sleep(0.05)
        else:
            middle.sendall(_greet(group, group.rank))
            return middle


def _greet(group: WorkerGroup, rank: int) -> bytes:
    return f"{group.job} {group.restarts} {rank}".encode()[:_GREETING_SIZE].ljust(_GREETING_SIZE)


def _go_on_waiting(group: WorkerGroup, until: float) -> None:
    group.check()
    if time.monotonic() > until:
        raise PlatformError(f"the {group.world_size} workers have not met within {_PATIENCE_S:.0f} s")
