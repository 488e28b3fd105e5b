"""A sweep, as the client sees it: what it was when the server was asked, and methods that ask again.

Its asynchronous twin. Made from dix/client/sweep.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dix.client.rows import Rows
from dix.client.sweep import BestTrial
from dix.client.trial_views import SweepComparison
from dix.records.alias import Alias
from dix.records.sweep import Sweep
from dix.records.trial import Trial

if TYPE_CHECKING:
    from dix.client.aio.sweeps import AsyncSweeps


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncClientSweep(Sweep):
    """`counts` says how many trials are in each state; `best` is there with one objective."""

    counts: dict[str, int] = field(default_factory=dict)
    best: BestTrial | None = None
    sweeps: AsyncSweeps = field(repr=False, compare=False)

    async def refresh(self) -> AsyncClientSweep:
        """The sweep as it is now."""
        return await self.sweeps.get(self.name)

    async def wait(self, timeout_s: float | None = None) -> AsyncClientSweep:
        """The sweep when it is over, or paused; raises TimeoutError (it goes on)."""
        return await self.sweeps.wait(self.name, timeout_s)

    async def trials(self, state: str | None = None) -> Rows[Trial]:
        """All of its trials, by number."""
        return await self.sweeps.trials(self.name, state)

    async def add(self, params: Sequence[Mapping[str, Any]]) -> Rows[Trial]:
        """Further trials, also when it is over."""
        return await self.sweeps.add(self.name, params)

    async def pause(self) -> AsyncClientSweep:
        """Begin no further trial."""
        return await self.sweeps.pause(self.name)

    async def resume(self) -> AsyncClientSweep:
        """Go on."""
        return await self.sweeps.resume(self.name)

    async def stop(self) -> AsyncClientSweep:
        """Cancel what is not over."""
        return await self.sweeps.stop(self.name)

    async def compare(self) -> SweepComparison:
        """All trials side by side."""
        return await self.sweeps.compare(self.name)

    async def register_best(self, alias: str, *, trial: int | None = None, node: str | None = None) -> Alias:
        """Let an alias name the model that the best trial, or another one, has made."""
        return await self.sweeps.register_best(self.name, alias, trial=trial, node=node)
