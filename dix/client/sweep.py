"""A sweep, as the client sees it: what it was when the server was asked, and methods that ask again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dix.client.rows import Rows
from dix.client.trial_views import SweepComparison
from dix.records.alias import Alias
from dix.records.sweep import Sweep
from dix.records.trial import Trial

if TYPE_CHECKING:
    from dix.client.sweeps import Sweeps


@dataclass(frozen=True, slots=True)
class BestTrial:
    """The best trial so far."""

    number: int
    params: dict[str, Any]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSweep(Sweep):
    """`counts` says how many trials are in each state; `best` is there with one objective."""

    counts: dict[str, int] = field(default_factory=dict)
    best: BestTrial | None = None
    sweeps: Sweeps = field(repr=False, compare=False)

    def refresh(self) -> ClientSweep:
        """The sweep as it is now."""
        return self.sweeps.get(self.name)

    def wait(self, timeout_s: float | None = None) -> ClientSweep:
        """The sweep when it is over, or paused; raises TimeoutError (it goes on)."""
        return self.sweeps.wait(self.name, timeout_s)

    def trials(self, state: str | None = None) -> Rows[Trial]:
        """All of its trials, by number."""
        return self.sweeps.trials(self.name, state)

    def add(self, params: Sequence[Mapping[str, Any]]) -> Rows[Trial]:
        """Further trials, also when it is over."""
        return self.sweeps.add(self.name, params)

    def pause(self) -> ClientSweep:
        """Begin no further trial."""
        return self.sweeps.pause(self.name)

    def resume(self) -> ClientSweep:
        """Go on."""
        return self.sweeps.resume(self.name)

    def stop(self) -> ClientSweep:
        """Cancel what is not over."""
        return self.sweeps.stop(self.name)

    def compare(self) -> SweepComparison:
        """All trials side by side."""
        return self.sweeps.compare(self.name)

    def register_best(self, alias: str, *, trial: int | None = None, node: str | None = None) -> Alias:
        """Let an alias name the model that the best trial, or another one, has made."""
        return self.sweeps.register_best(self.name, alias, trial=trial, node=node)
