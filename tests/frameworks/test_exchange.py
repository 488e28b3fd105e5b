"""Workers get the same sum; whoever loses the others says so."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dix.engine.crew_host import find_port
from dix.errors import PlatformError, StepFailed
from dix.frameworks.exchange import Exchange, exchange_with
from dix.frameworks.worker_group import WorkerGroup, all_is_well


def make_group(rank: int, port: int, check: Callable[[], None] = all_is_well, host: int = 1) -> WorkerGroup:
    return WorkerGroup(rank, 3, rank, 3, 0, 1, (f"127.0.0.1:{port}",) * 3, "lo", "job", host=host, check=check)


def meet(groups: list[WorkerGroup], do: Callable[[int, Exchange], Any]) -> list[Any]:
    """What each of them answers, or raises."""

    def work(group: WorkerGroup) -> Any:
        try:
            with exchange_with(group) as exchange:
                return do(group.rank, exchange)
        except (PlatformError, StepFailed) as error:
            return error

    with ThreadPoolExecutor(len(groups)) as pool:
        return list(pool.map(work, groups))


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64])
def test_all_get_the_same_bits(kind: Any) -> None:
    port = find_port()
    numbers = [(np.random.default_rng(rank).normal(size=(7, 100_003)) * 9).astype(kind) for rank in range(3)]

    def add(rank: int, exchange: Exchange) -> NDArray[Any]:
        one, two = exchange.add(numbers[rank].T), exchange.add(np.array([rank], kind))
        assert two.tolist() == [3]
        return one

    sums = meet([make_group(rank, port) for rank in range(3)], add)
    assert all(np.array_equal(one, numbers[0].T + numbers[1].T + numbers[2].T) for one in sums)


def test_who_is_no_worker_is_turned_away() -> None:
    port, tried = find_port(), []

    def look() -> None:
        if not tried:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as stranger:
                tried.append(stranger.send(b"hello".ljust(256)))
                assert stranger.recv(1) == b""

    groups = [make_group(rank, port) for rank in range(3)]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(meet, groups[1:2], lambda _, exchange: exchange.add(np.ones(2)).tolist())
        while not first.done() and not tried:
            try:
                look()
            except ConnectionRefusedError:
                continue
        others = meet([groups[0], groups[2]], lambda _, exchange: exchange.add(np.ones(2)).tolist())
        assert [*others, *first.result()] == [[3, 3]] * 3


def test_the_first_says_what_another_has_failed_with() -> None:
    port, news = find_port(), []

    def listen() -> None:
        if news:
            raise StepFailed("net", "worker 2 of 3 had no luck")

    def fail(rank: int, exchange: Exchange) -> Any:
        if rank == 2:
            news.append("bad")
            return "gone"
        return exchange.add(np.ones(3)).tolist()

    groups = [make_group(0, port, listen, host=0), make_group(1, port, listen, host=0), make_group(2, port, host=0)]
    first, second, third = meet(groups, fail)
    assert third == "gone"
    for one in (first, second):
        assert str(one) == "net: worker 2 of 3 had no luck"
