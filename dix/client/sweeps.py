"""Sweeps, as the client sees them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from dix.client.reading import read_numbers, read_page, read_record
from dix.client.rows import Rows
from dix.client.sweep import BestTrial, ClientSweep
from dix.client.sweep_body import make_body
from dix.client.tags import IfMatch
from dix.client.trial_views import CurvePoint, SweepComparison, TrialDifference, read_curves
from dix.client.wire import Wire, join
from dix.records.alias import Alias
from dix.records.page import Page
from dix.records.sweep import Sweep, SweepState
from dix.records.trial import Trial

# A grid of thousands is checked instance by instance before the answer comes.
MAKE_TIMEOUT_S = 600.0

FIRST_LOOK_S = 0.1
LOOK_S = 1.0
_PAGE = 1000


class Sweeps:
    """`client.sweeps`: search over the parameters of flows, and compare what came of it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(
        self,
        name: str,
        flow: str,
        space: Mapping[str, Any] | None = None,
        *,
        method: str | None = None,
        objective: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]] | None = None,
        trials: int | None = None,
        **more: Any,
    ) -> ClientSweep:
        """Make a sweep over a flow that is kept; all instances that are known beforehand are there then.

        `space` says what each parameter may be: `[16, 32]`, `"1..10 step 2"`, `{"float": [1e-4, 1e-1], "log": True}`.
        `objective` is `cnn.valid_loss:min`; without one, every combination is run. `trials` is how many there shall be.
        Further fields are those of the API (`table`, `options`, `budget`, `concurrency`, `patience`, `replicates` ...).
        Raises BadValue, BadDocument, NotFound and AlreadyExists; nothing is made then.
        """
        asked = {"name": name, "flow": flow, "space": space, "method": method, "objective": objective}
        document = _make_document(asked, trials, more)
        return self.read(self._wire.post(join("sweeps"), make_body(document), timeout_s=MAKE_TIMEOUT_S))

    def preview(
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
        answer: dict[str, Any] = self._wire.post(
            join("sweeps", "preview"), make_body(document), timeout_s=MAKE_TIMEOUT_S
        )
        return answer

    def list(
        self,
        flow: str | None = None,
        state: SweepState | str | None = None,
        *,
        project: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[ClientSweep]:
        """The sweeps that are wanted, newest first."""
        query = {"flow": flow, "state": state, "project": project, "limit": limit, "cursor": cursor}
        return read_page(self._wire.get(join("sweeps"), **query), self.read)

    def get(self, name: str) -> ClientSweep:
        """One sweep, with its best trial."""
        return self.read(self._wire.get(join("sweeps", name)))

    def change(self, name: str, *, if_match: IfMatch = None, **changes: Any) -> ClientSweep:
        """Another `concurrency`, `budget`, `patience`, `retries`, `priority` or `description`; it holds at once."""
        return self.read(self._wire.patch(join("sweeps", name), changes, if_match=if_match))

    def pause(self, name: str) -> ClientSweep:
        """Begin no further trial; what runs goes on."""
        return self.read(self._wire.post(join("sweeps", name, "pause")))

    def resume(self, name: str) -> ClientSweep:
        """Go on with one that is paused, stopped or over."""
        return self.read(self._wire.post(join("sweeps", name, "resume")))

    def stop(self, name: str) -> ClientSweep:
        """Cancel all trials that are not over."""
        return self.read(self._wire.post(join("sweeps", name, "stop")))

    def delete(self, name: str, *, if_match: IfMatch = None) -> None:
        """Forget a sweep that is over; its runs stay."""
        self._wire.delete(join("sweeps", name), if_match=if_match)

    def wait(self, name: str, timeout_s: float | None = None) -> ClientSweep:
        """The sweep when it is over, or paused; raises TimeoutError (it goes on)."""
        begin, pause_s = time.monotonic(), FIRST_LOOK_S
        while True:
            sweep = self.get(name)
            if sweep.state is not SweepState.RUNNING:
                return sweep
            if timeout_s is not None and time.monotonic() - begin > timeout_s:
                raise TimeoutError(f"sweep {name} is not over after {timeout_s:g} s; it goes on")
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, LOOK_S)

    def trials(self, name: str, state: str | None = None, *, sort: str | None = None) -> Rows[Trial]:
        """All trials of a sweep that are wanted, by number unless another order is asked for."""
        found: Any = []
        cursor: str | None = None
        while True:
            query = {"state": state, "sort": sort, "limit": _PAGE, "cursor": cursor}
            page = read_page(self._wire.get(join("sweeps", name, "trials"), **query), _read_trial)
            found.extend(page.items)
            cursor = page.next_cursor
            if cursor is None:
                return Rows(found)

    def trial(self, name: str, number: int) -> Trial:
        """One trial."""
        return _read_trial(self._wire.get(join("sweeps", name, "trials", number)))

    def add(self, name: str, params: Sequence[Mapping[str, Any]]) -> Rows[Trial]:
        """Further trials with these parameters, also of a sweep that is over."""
        body = {"params": [dict(one) for one in params]}
        answer = self._wire.post(join("sweeps", name, "trials"), body, timeout_s=MAKE_TIMEOUT_S)
        return Rows(read_page(answer, _read_trial).items)

    def edit(
        self, name: str, number: int, params: Mapping[str, Any] | None = None, *, place: int | None = None
    ) -> Trial:
        """Change the parameters or the turn of a trial that waits; Conflict when it waits no more."""
        given = {"params": None if params is None else dict(params), "place": place}
        body = {field: value for field, value in given.items() if value is not None}
        return _read_trial(self._wire.patch(join("sweeps", name, "trials", number), body))

    def skip(self, name: str, number: int) -> Trial:
        """Leave out a trial that waits; Conflict when it waits no more."""
        return _read_trial(self._wire.post(join("sweeps", name, "trials", number, "skip")))

    def retry(self, name: str, number: int) -> Trial:
        """Do a trial again that has come to nothing; Conflict otherwise."""
        return _read_trial(self._wire.post(join("sweeps", name, "trials", number, "retry")))

    def compare(self, name: str) -> SweepComparison:
        """All trials side by side: `to_pandas()` has a row for each."""
        document = self._wire.get(join("sweeps", name, "compare"))
        return SweepComparison(
            name,
            document["columns"],
            tuple(document["differing"]),
            document["best"],
            tuple(document["pareto"]),
        )

    def curves(self, name: str, number: str | None = None, trials: Sequence[int] | None = None) -> Rows[CurvePoint]:
        """The curves of one number (`node.metric`; the first objective by default), a row for each point."""
        query = {"number": number, "trial": None if trials is None else list(trials)}
        return Rows(read_curves(self._wire.get(join("sweeps", name, "curves"), **query)))

    def importance(self, name: str, number: str | None = None) -> dict[str, float]:
        """How much each parameter matters for an objective, as shares of 1."""
        found: dict[str, float] = self._wire.get(join("sweeps", name, "importance"), number=number)["importance"]
        return found

    def contour(self, name: str, x: str, y: str, number: str | None = None) -> dict[str, Any]:
        """An objective over two parameters: `x`, `y`, and `values` by y and then by x."""
        answer: dict[str, Any] = self._wire.get(join("sweeps", name, "contour"), x=x, y=y, number=number)
        return answer

    def difference(self, name: str, first: int, second: int) -> Rows[TrialDifference]:
        """In what two trials differ: parameters, code, data and last numbers."""
        answer = self._wire.get(join("sweeps", name, "difference"), trial=[first, second])
        return Rows([read_record(TrialDifference, one) for one in answer["differences"]])

    def register_best(self, name: str, alias: str, *, trial: int | None = None, node: str | None = None) -> Alias:
        """Let an alias name the model that the best trial, or another one, has made."""
        body = {"alias": alias, "trial": trial, "node": node}
        return read_record(Alias, self._wire.post(join("sweeps", name, "best"), body))

    def read(self, document: Any) -> ClientSweep:
        """The sweep that the server described."""
        known = read_record(Sweep, {**document, "objectives": [_split(one) for one in document["objectives"]]})
        best = None if document["best"] is None else read_record(BestTrial, document["best"])
        facts = {name: getattr(known, name) for name in Sweep.__dataclass_fields__}
        return ClientSweep(**facts, counts=document["trials"], best=best, sweeps=self)


def _make_document(facts: dict[str, Any], trials: int | None, more: Mapping[str, Any]) -> dict[str, Any]:
    document = {**facts, **more}
    if trials is not None:
        document["budget"] = {**(more.get("budget") or {}), "trials": trials}
    return document


def _split(objective: dict[str, Any]) -> dict[str, Any]:
    node, _, metric = objective["number"].partition(".")
    return {**{name: value for name, value in objective.items() if name != "number"}, "node": node, "metric": metric}


def _read_trial(document: Any) -> Trial:
    values = read_numbers(dict(enumerate(document["values"])))  # type: ignore[arg-type]
    return read_record(Trial, {**document, "values": list(values.values())})
