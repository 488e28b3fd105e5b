"""The workers that do one step together, as one of them sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dix.errors import BadValue


def all_is_well() -> None:
    """No other worker is known to have failed."""


@dataclass(frozen=True, slots=True)
class WorkerGroup:
    """`rank` is this worker's number, from 0; `local_rank` that among the workers of its machine, `machine_rank` that
    of the machine.

    `addresses` are `address:port` of each worker, by rank; the ports were free a moment ago. `interface` is
    this machine's network interface with its address; `cards` are the cards of all workers of this machine.
    They meet at the address of rank `host`.
    `job` is the same for all of them, `restarts` how many attempts there were before. `check` raises
    what another worker has failed with, if one has: rank 0 calls it now and then while it works.
    """

    rank: int
    world_size: int
    local_rank: int
    local_world_size: int
    machine_rank: int
    machine_count: int
    addresses: tuple[str, ...]
    interface: str
    job: str
    restarts: int = 0
    cards: tuple[str, ...] = ()
    host: int = 0
    check: Callable[[], None] = all_is_well

    @property
    def is_first(self) -> bool:
        """Whether what this one leaves is what the step leaves."""
        return self.rank == 0

    @property
    def is_host(self) -> bool:
        """Whether they meet at this one's address."""
        return self.rank == self.host

    @property
    def master(self) -> tuple[str, str]:
        """Address and port of where they meet."""
        address, _, port = self.addresses[self.host].rpartition(":")
        return address, port

    def check_share(self, rows: int) -> None:
        """Raises BadValue unless a batch of so many rows has one for each worker."""
        if rows < self.world_size:
            raise BadValue("resources.workers", f"at most {rows}, the examples of a batch", self.world_size)

    def move(self) -> WorkerGroup:
        """The same workers, who meet once more in the same step: at the next one's address, where nobody is late."""
        return replace(self, host=(self.host + 1) % self.world_size)
