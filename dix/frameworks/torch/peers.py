"""The workers that train one net together: what they add up, and who has which rows of a batch."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed import PrefixStore, TCPStore  # type: ignore[attr-defined]  # public, though not in its __all__

from dix.errors import PlatformError
from dix.frameworks.worker_group import WorkerGroup
from dix.logs import get_logger
from dix.settings import lend_variables

# How long one may wait for another, who may have more to read, or writes a checkpoint.
_PATIENCE = timedelta(minutes=15)
_LOOK_EVERY = timedelta(seconds=1)
# By then it is known of whom nothing is heard any more.
_BLAME_S = 15.0


class Peers:
    """Made by `meet`, which all workers call. All of them call the same methods in the same order.

    Whatever method waits for the others raises what one of them has failed with, or PlatformError when they cannot be
    reached any more.
    """

    def __init__(self, group: WorkerGroup, backend: Any) -> None:
        """`backend` is one of torch's process groups, whose types do not say what they can do."""
        self._group = group
        self._backend = backend
        self._is_stuck = False  # set when what was begun has not ended
        # Of the batch under way; set by `divide`.
        self.batch_rows = 0
        self.mine = slice(0)
        self.takes_part = False
        self.rank = group.rank
        self.count = group.world_size
        self.is_first = group.is_first

    def check(self) -> None:
        """Raises what another one has failed with, where that is known."""
        self._group.check()

    def share(self, rows: int) -> slice:
        """Which of so many rows are this worker's; the shares differ by one row at most, and may be empty."""
        return slice(rows * self.rank // self.count, rows * (self.rank + 1) // self.count)

    def divide(self, rows: int) -> slice:
        """Begin a batch of so many rows, and say which this worker looks at.

        Who has none, and so takes no part, looks at the first: what it draws by chance is what the others draw.
        """
        share = self.share(rows)
        self.takes_part = share.start < share.stop
        self.batch_rows, self.mine = rows, share if self.takes_part else slice(1)
        return self.mine

    def add(self, numbers: Tensor) -> None:
        """In the place of `numbers` put their sum over all workers: the same bits for each of them."""
        self._finish(self._backend.allreduce([numbers]))

    def add_all(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """The sum of each over all workers, in one go."""
        self.check()
        flat = torch.cat([one.reshape(-1) for one in tensors])
        self.add(flat)
        parts = torch.split(flat, [one.numel() for one in tensors])
        return [part.view_as(one) for part, one in zip(parts, tensors, strict=True)]

    def add_gradients(self, params: Iterable[torch.nn.Parameter]) -> None:
        """Add up the gradients of `params`; who has learned nothing of one adds nothing to it."""
        learned = list(params)
        grads = [torch.zeros_like(one) if one.grad is None else one.grad for one in learned]
        for one, grad, summed in zip(learned, grads, self.add_all(grads), strict=True):
            one.grad = grad.copy_(summed)

    def follow(self, tensors: Iterable[Tensor]) -> None:
        """Take over those of the first worker."""
        for tensor in tensors:
            self._finish(self._backend.broadcast([tensor]))

    def agree(self, number: int, what: str, device: torch.device) -> None:
        """Raises PlatformError, for all of them, unless all have the same number."""
        numbers = torch.zeros(self.count, dtype=torch.int64, device=device)
        numbers[self.rank] = number
        self.add(numbers)
        if not bool((numbers == number).all()):
            raise PlatformError(f"the {self.count} workers do not have the same {what}: {numbers.tolist()}")

    def leave(self) -> None:
        """Let go of the others; does not wait for one that is stuck, whom its own host ends."""
        backend = [self._backend]
        del self._backend
        if self._is_stuck:
            threading.Thread(target=backend.clear, name="peers", daemon=True).start()

    def _finish(self, work: dist.Work) -> None:
        """Wait for what was begun, with an eye on the others."""
        try:
            if isinstance(self._backend, dist.ProcessGroupGloo):
                self._wait(work)
            else:
                work.wait()  # the GPU waits, and not this process
        except RuntimeError as error:
            raise self._blame(error) from error

    def _wait(self, work: dist.Work) -> None:
        while True:
            was_over = work.is_completed()
            try:
                work.wait(_LOOK_EVERY)
            except RuntimeError:
                if was_over:  # and not only late: it may have ended since
                    raise
                self._is_stuck = True
                self._group.check()
            else:
                self._is_stuck = False
                return

    def _blame(self, error: RuntimeError) -> PlatformError:
        """A worker that fails leaves the others without an answer: who it was is known a little later."""
        until = time.monotonic() + _BLAME_S
        while time.monotonic() < until:
            self._group.check()
            time.sleep(0.1)
        get_logger("frameworks").warning("worker %d lost the others: %s", self.rank, error)
        return PlatformError(f"worker {self.rank} of {self.count} cannot reach the others any more")


@contextmanager
def meet(group: WorkerGroup, *, has_card: bool) -> Iterator[Peers]:
    """Wait until all are there, and work together inside. `has_card`: this one computes on a whole GPU of its own."""
    store = _open_store(group)
    kind = _choose_kind(group, store, has_card=has_card)
    try:
        backend = _make_backend(group, store, kind)
    except RuntimeError as error:
        group.check()
        raise PlatformError(f"worker {group.rank} of {group.world_size} cannot reach the others: {error}") from error
    peers = Peers(group, backend)
    del backend
    try:
        yield peers
    finally:
        peers.leave()


def _open_store(group: WorkerGroup) -> Any:
    """Where they find each other; their host has it."""
    address, port = group.master
    try:
        return TCPStore(address, int(port), group.world_size, group.is_host, timeout=_PATIENCE, wait_for_workers=False)
    except RuntimeError as error:
        raise PlatformError(f"worker {group.rank} cannot meet the others at {address}:{port}: {error}") from error


def _choose_kind(group: WorkerGroup, store: Any, *, has_card: bool) -> str:
    """NCCL where each has a GPU of its own, Gloo otherwise; waits until each has said so."""
    names = [f"card/{rank}" for rank in range(group.world_size)]
    store.set(names[group.rank], str(int(has_card and dist.is_nccl_available())))
    until = time.monotonic() + _PATIENCE.total_seconds()
    while not store.check(names):
        group.check()
        if time.monotonic() > until:
            raise PlatformError(f"the {group.world_size} workers have not met within {_PATIENCE}")
        time.sleep(0.05)
    return "nccl" if all(store.get(name) == b"1" for name in names) else "gloo"


def _make_backend(group: WorkerGroup, store: Any, kind: str) -> Any:
    own = PrefixStore(kind, store)
    with lend_variables({"GLOO_SOCKET_IFNAME": group.interface, "NCCL_SOCKET_IFNAME": group.interface}):
        if kind == "gloo":
            return dist.ProcessGroupGloo(own, group.rank, group.world_size, _PATIENCE)
        return dist.ProcessGroupNCCL(own, group.rank, group.world_size, dist.ProcessGroupNCCL.Options())
