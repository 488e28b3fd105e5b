"""A run, as the client sees it: what it was when the server was asked, and methods that ask again.

Its asynchronous twin. Made from dix/client/run.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from dix.client.building import Flow
from dix.client.comparison import Comparison
from dix.client.pictures.cards import draw_run
from dix.client.progress import open_view, say
from dix.client.rows import Rows
from dix.errors import NotFound, RunEnded
from dix.names import find_nearest
from dix.records.attempt import Attempt
from dix.records.event import Event
from dix.records.log_line import LogLine
from dix.records.metric import MetricPoint
from dix.records.run import Run
from dix.records.states import RunState, run_is_over
from dix.records.step import Step

if TYPE_CHECKING:
    from dix.client.aio.runs import AsyncRuns


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncRun(Run):
    """A run as it was when the server was asked, with its steps; its methods ask again."""

    steps: tuple[Step, ...] = ()
    runs: AsyncRuns = field(repr=False, compare=False)

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""
        return run_is_over(self.state)

    async def refresh(self) -> AsyncRun:
        """The run as it is now."""
        return await self.runs.get(self.id)

    async def wait(
        self,
        timeout_s: float | None = None,
        on_change: Callable[[AsyncRun], None] | None = None,
        *,
        progress: bool | None = None,
    ) -> AsyncRun:
        """The run when it has succeeded; raises RunEnded when it failed or was cancelled, TimeoutError (it goes on).

        Meanwhile it is shown on a terminal and in a notebook; with `progress` also elsewhere, a line for each change,
        without it or with an `on_change` nowhere. Ctrl-C ends the waiting, and never the run.
        """
        over = self
        try:
            with open_view(progress=progress if on_change is None else progress or False) as view:
                async for over in self.runs.watch(self.id, timeout_s):
                    view.update(over)
                    if on_change is not None:
                        on_change(over)
        except KeyboardInterrupt:
            say(f"run {self.id} goes on: `wait()` waits again, `cancel()` ends it")
            raise
        if over.state is not RunState.SUCCEEDED:
            raise RunEnded(over.id, over.state.value, over.error)
        return over

    def step(self, node: str) -> Step:
        """The step of one node; NotFound when the flow has none of that name."""
        steps = {step.node: step for step in self.steps}
        if node not in steps:
            raise NotFound("node", node, find_nearest(node, steps))
        return steps[node]

    def logs(self, node: str | None = None, *, follow: bool = False) -> AsyncIterator[LogLine]:
        """What its steps printed."""
        return self.runs.logs(self.id, node, follow=follow)

    async def metrics(self, node: str | None = None, name: str | None = None) -> Rows[MetricPoint]:
        """The numbers its steps reported."""
        return await self.runs.metrics(self.id, node, name)

    async def attempts(self, node: str | None = None) -> Rows[Attempt]:
        """Every try of its steps, with what it held and used."""
        return await self.runs.attempts(self.id, node)

    def events(self, after: int = 0, *, follow: bool = False) -> AsyncIterator[Event]:
        """What happened in it, and with `follow` what happens until it is over."""
        return self.runs.events(self.id, after, follow=follow)

    async def compare(self, *others: str | AsyncRun) -> Comparison:
        """It beside other runs, as the server knows them now."""
        return await self.runs.compare([self.id, *(other if isinstance(other, str) else other.id for other in others)])

    async def cancel(self) -> AsyncRun:
        """End it."""
        return await self.runs.cancel(self.id)

    async def retry(
        self,
        params: Mapping[str, Any] | None = None,
        *,
        flow: str | Flow | None = None,
        flow_version: int | Literal["latest"] | None = None,
    ) -> AsyncRun:
        """A new run in which what had succeeded is not done again; see `Runs.retry`."""
        return await self.runs.retry(self.id, params, flow=flow, flow_version=flow_version)

    def _repr_html_(self) -> str:
        return draw_run(self, self.steps)
