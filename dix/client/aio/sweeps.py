"""Sweeps, as the client sees them.

Its asynchronous twin. Made from dix/client/sweeps.py by `python -m tests.house.async_twin`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from dix.client.aio.sweep import AsyncClientSweep
from dix.client.aio.wire import AsyncWire
from dix.client.reading import read_page, read_record
from dix.client.rows import Rows
from dix.client.sweep import BestTrial
from dix.client.sweep_body import make_body
from dix.client.sweeps import _PAGE, FIRST_LOOK_S, LOOK_S, MAKE_TIMEOUT_S, _make_document, _read_trial, _split
from dix.client.tags import IfMatch
from dix.client.trial_views import CurvePoint, SweepComparison, TrialDifference, read_curves
from dix.client.wire import join
from dix.records.alias import Alias
from dix.records.page import Page
from dix.records.sweep import Sweep, SweepState
from dix.records.trial import Trial


class AsyncSweeps:
    """`client.sweeps`: search over the parameters of flows, and compare what came of it."""

    def __init__(self, wire: AsyncWire) -> None:
        self._wire = wire

    async def create(
        self,
        name: str,
        flow: str,
        space: Mapping[str, Any] | None = None,
        *,
        method: str | None = None,
        objective: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
        trials: int | None = None,
        **more: Any,
    ) -> AsyncClientSweep:
        """Make a sweep over a flow that is kept; all instances that are known beforehand are there then.

        `space` says what each parameter may be: `[16, 32]`, `"1..10 step 2"`, `{"float": [1e-4, 1e-1], "log": True}`.
        `objective` is `cnn.valid_loss:min`; without one, every combination is run. `trials` is how many there shall be.
        Further fields are those of the API (`table`, `options`, `budget`, `concurrency`, `patience`, `replicates` ...).
        Raises BadValue, BadDocument, NotFound and AlreadyExists; nothing is made then.
        """
        asked = {"name": name, "flow": flow, "space": space, "method": method, "objective": objective}
        document = _make_document(asked, trials, more)
        return self.read(await self._wire.post(join("sweeps"), make_body(document), timeout_s=MAKE_TIMEOUT_S))

    async def preview(
        self,
        flow: str,
        space: Mapping[str, Any] | None = None,
        *,
        method: str | None = None,
        objective: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
        trials: int | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """What `create` would make: `count`, `instances` and the `estimate` of one; nothing is kept."""
        asked = {"name": "preview", "flow": flow, "space": space, "method": method, "objective": objective}
        document = _make_document(asked, trials, more)
        answer: dict[str, Any] = await self._wire.post(
            join("sweeps", "preview"), make_body(document), timeout_s=MAKE_TIMEOUT_S
        )
        return answer

    async def list(
        self,
        flow: str | None = None,
        state: SweepState | str | None = None,
        *,
        project: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[AsyncClientSweep]:
        """The sweeps that are wanted, newest first."""
        query = {"flow": flow, "state": state, "project": project, "limit": limit, "cursor": cursor}
        return read_page(await self._wire.get(join("sweeps"), **query), self.read)

    async def get(self, name: str) -> AsyncClientSweep:
        """One sweep, with its best trial."""
        return self.read(await self._wire.get(join("sweeps", name)))

    async def change(self, name: str, *, if_match: IfMatch = None, **changes: Any) -> AsyncClientSweep:
        """Another `concurrency`, `budget`, `patience`, `retries`, `priority` or `description`; it holds at once."""
        return self.read(await self._wire.patch(join("sweeps", name), changes, if_match=if_match))

    async def pause(self, name: str) -> AsyncClientSweep:
        """Begin no further trial; what runs goes on."""
        return self.read(await self._wire.post(join("sweeps", name, "pause")))

    async def resume(self, name: str) -> AsyncClientSweep:
        """Go on with one that is paused, stopped or over."""
        return self.read(await self._wire.post(join("sweeps", name, "resume")))

    async def stop(self, name: str) -> AsyncClientSweep:
        """Cancel all trials that are not over."""
        return self.read(await self._wire.post(join("sweeps", name, "stop")))

    async def delete(self, name: str, *, if_match: IfMatch = None) -> None:
        """Forget a sweep that is over; its runs stay."""
        await self._wire.delete(join("sweeps", name), if_match=if_match)

    async def wait(self, name: str, timeout_s: float | None = None) -> AsyncClientSweep:
        """The sweep when it is over, or paused; raises TimeoutError (it goes on)."""
        begin, pause_s = time.monotonic(), FIRST_LOOK_S
        while True:
            sweep = await self.get(name)
            if sweep.state is not SweepState.RUNNING:
                return sweep
            if timeout_s is not None and time.monotonic() - begin > timeout_s:
                raise TimeoutError(f"sweep {name} is not over after {timeout_s:g} s; it goes on")
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.5, LOOK_S)

    async def trials(self, name: str, state: str | None = None, *, sort: str | None = None) -> Rows[Trial]:
        """All trials of a sweep that are wanted, by number unless another order is asked for."""
        found: Any = []
        cursor: str | None = None
        while True:
            query = {"state": state, "sort": sort, "limit": _PAGE, "cursor": cursor}
            page = read_page(await self._wire.get(join("sweeps", name, "trials"), **query), _read_trial)
            found.extend(page.items)
            cursor = page.next_cursor
            if cursor is None:
                return Rows(found)

    async def trial(self, name: str, number: int) -> Trial:
        """One trial."""
        return _read_trial(await self._wire.get(join("sweeps", name, "trials", number)))

    async def add(self, name: str, params: Sequence[Mapping[str, Any]]) -> Rows[Trial]:
        """Further trials with these parameters, also of a sweep that is over."""
        body = {"params": [dict(one) for one in params]}
        answer = await self._wire.post(join("sweeps", name, "trials"), body, timeout_s=MAKE_TIMEOUT_S)
        return Rows(read_page(answer, _read_trial).items)

    async def edit(
        self, name: str, number: int, params: Mapping[str, Any] | None = None, *, place: int | None = None
    ) -> Trial:
        """Change the parameters or the turn of a trial that waits; Conflict when it waits no more."""
        given = {"params": None if params is None else dict(params), "place": place}
        body = {field: value for field, value in given.items() if value is not None}
        return _read_trial(await self._wire.patch(join("sweeps", name, "trials", number), body))

    async def skip(self, name: str, number: int) -> Trial:
        """Leave out a trial that waits; Conflict when it waits no more."""
        return _read_trial(await self._wire.post(join("sweeps", name, "trials", number, "skip")))

    async def retry(self, name: str, number: int) -> Trial:
        """Do a trial again that has come to nothing; Conflict otherwise."""
        return _read_trial(await self._wire.post(join("sweeps", name, "trials", number, "retry")))

    async def compare(self, name: str) -> SweepComparison:
        """All trials side by side: `to_pandas()` has a row for each."""
        document = await self._wire.get(join("sweeps", name, "compare"))
        return SweepComparison(
            name,
            document["columns"],
            tuple(document["differing"]),
            document["best"],
            tuple(document["pareto"]),
        )

    async def curves(
        self, name: str, number: str | None = None, trials: Sequence[int] | None = None
    ) -> Rows[CurvePoint]:
        """The curves of one number (`node.metric`; the first objective by default), a row for each point."""
        query = {"number": number, "trial": None if trials is None else list(trials)}
        return Rows(read_curves(await self._wire.get(join("sweeps", name, "curves"), **query)))

    async def importance(self, name: str, number: str | None = None) -> dict[str, float]:
        """How much each parameter matters for an objective, as shares of 1."""
        found: dict[str, float] = (await self._wire.get(join("sweeps", name, "importance"), number=number))[
            "importance"
        ]
        return found

    async def contour(self, name: str, x: str, y: str, number: str | None = None) -> dict[str, Any]:
        """An objective over two parameters: `x`, `y`, and `values` by y and then by x."""
        answer: dict[str, Any] = await self._wire.get(join("sweeps", name, "contour"), x=x, y=y, number=number)
        return answer

    async def difference(self, name: str, first: int, second: int) -> Rows[TrialDifference]:
        """In what two trials differ: parameters, code, data and last numbers."""
        answer = await self._wire.get(join("sweeps", name, "difference"), trial=[first, second])
        return Rows([read_record(TrialDifference, one) for one in answer["differences"]])

    async def register_best(self, name: str, alias: str, *, trial: int | None = None, node: str | None = None) -> Alias:
        """Let an alias name the model that the best trial, or another one, has made."""
        body = {"alias": alias, "trial": trial, "node": node}
        return read_record(Alias, await self._wire.post(join("sweeps", name, "best"), body))

    def read(self, document: Any) -> AsyncClientSweep:
        """The sweep that the server described."""
        known = read_record(Sweep, {**document, "objectives": [_split(one) for one in document["objectives"]]})
        best = None if document["best"] is None else read_record(BestTrial, document["best"])
        facts = {name: getattr(known, name) for name in Sweep.__dataclass_fields__}
        return AsyncClientSweep(**facts, counts=document["trials"], best=best, sweeps=self)
