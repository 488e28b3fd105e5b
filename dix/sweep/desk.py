"""Sweeps as doors see them: checks what is asked for, writes it down, and tells the sweeper."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from dix.catalog.base import Catalog
from dix.engine.base import Engine, Permit, permit_all
from dix.errors import BadValue, Changed, Conflict, DixError
from dix.flow.document import FlowDoc
from dix.flow.spec import AlgorithmSpecs
from dix.flow.text import read_flow
from dix.records.estimate import Estimate
from dix.records.moments import now
from dix.records.run import RunFilter
from dix.records.states import RunState, step_is_done
from dix.records.sweep import Sweep, SweepState
from dix.records.tag import Expected
from dix.records.trial import Trial, TrialMove, TrialRun, TrialState
from dix.sweep.base import SweepOwner
from dix.sweep.check import Checked, check_number_known, check_sweep
from dix.sweep.choose import check_there
from dix.sweep.course import HeldRun, hold_run
from dix.sweep.domain_reader import MOST_TRIALS
from dix.sweep.instances import list_params
from dix.sweep.making import make_trial
from dix.sweep.rounds import make_order, settle_limit
from dix.sweep.run_ids import make_trial_run_id
from dix.sweep.space import Space, check_params

BEING_MADE = "it is being made"
WAS_STOPPED = "the sweep was stopped"
# So many combinations of texts are looked at to see whether a search may use what they name.
MOST_TEXTS = 1_000
_LOOKED_AT = 20  # earlier runs, for the numbers that nodes report
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sweep would make: the parameters of all instances that are known beforehand, and of one the estimate."""

    sweep: Sweep
    instances: tuple[dict[str, Any], ...]
    estimate: Estimate


class SweepDesk:
    """May be used from any process that has a catalog and an engine."""

    def __init__(self, catalog: Catalog, engine: Engine, owner: SweepOwner, specs: AlgorithmSpecs) -> None:
        self._catalog = catalog
        self._engine = engine
        self._owner = owner
        self._specs = specs

    def preview(self, sweep: Sweep, permit: Permit = permit_all) -> Preview:
        """What `create` would make; raises what it raises."""
        checked = self._check(sweep)
        instances = list_params(checked.sweep, checked.space)
        return Preview(checked.sweep, instances, self._look_ahead(checked, instances, permit))

    def create(self, sweep: Sweep, permit: Permit = permit_all) -> Sweep:
        """Write a sweep down with all instances that are known beforehand, each of them as a held run.

        Raises BadValue, BadDocument, NotFound, AlreadyExists, and what `permit` raises; then nothing is made.
        """
        checked = self._check(sweep)
        instances = list_params(checked.sweep, checked.space)
        self._look_ahead(checked, instances, permit)
        trials = tuple(make_trial(checked.sweep, number, params) for number, params in enumerate(instances, start=1))
        making = replace(checked.sweep, state=SweepState.PAUSED, reason=BEING_MADE)
        self._catalog.sweeps.create_sweep(making, trials)
        try:
            settle_limit(self._catalog, self._engine, making)
            self._hold(making, trials, permit)
        except DixError:
            self._unmake(making)
            raise
        return self._go(making, lambda found: replace(found, state=SweepState.RUNNING, reason=None))

    def add(
        self, name: str, params: Sequence[Mapping[str, Any]], *, user: str, permit: Permit = permit_all
    ) -> tuple[Trial, ...]:
        """Further trials with these parameters, also of a sweep that is over, which goes on then."""
        sweep = self._catalog.sweeps.get_sweep(name)
        flow = self._read_flow(sweep)
        for number, one in enumerate(params, start=1):
            check_params(flow, {**sweep.params, **one}, f"trial {number}")
        trials = self._write_new(sweep, params)
        try:
            self._hold(sweep, trials, permit)
        except DixError:
            self._forget_new(name, trials)
            raise
        held = tuple(replace(trial, state=TrialState.HELD, reason=None) for trial in trials)
        self._catalog.trials.move_trials(name, tuple(TrialMove(trial, TrialState.SKIPPED) for trial in held))
        self._go(sweep, lambda found: _go_on(found, user) if found.is_over else found)
        return held

    def change(
        self, name: str, make_changed: Callable[[Sweep], Sweep], *, user: str, expected: Expected | None = None
    ) -> Sweep:
        """Another concurrency, budget, patience or priority; it holds at once. What runs is not touched."""

        def change(found: Sweep) -> Sweep:
            changed = replace(make_changed(found), changed=now(), changed_by=user)
            check_sweep(replace(changed, seed_param=found.seed_param), self._read_flow(found), self._specs)
            return changed

        return self._go(self._catalog.sweeps.get_sweep(name), change, expected)

    def pause(self, name: str, *, user: str, expected: Expected | None = None) -> Sweep:
        """No further trial begins; what runs goes on."""

        def pause(found: Sweep) -> Sweep:
            if found.state is not SweepState.RUNNING:
                raise Conflict("sweep", name, found.state, "paused")
            why = f"{user} has paused it"
            return replace(found, state=SweepState.PAUSED, reason=why, changed=now(), changed_by=user)

        return self._go(self._catalog.sweeps.get_sweep(name), pause, expected)

    def resume(self, name: str, *, user: str, permit: Permit = permit_all, expected: Expected | None = None) -> Sweep:
        """A sweep that is paused or stopped goes on, with the trials that were cut off when it was stopped."""
        sweep = self._catalog.sweeps.get_sweep(name)
        if sweep.state is SweepState.RUNNING:
            raise Conflict("sweep", name, sweep.state, "resumed")
        trials = self._catalog.trials.list_trials(name).items
        cut_off = [trial for trial in trials if trial.state is TrialState.CANCELLED and trial.reason == WAS_STOPPED]
        again = [_try_again(sweep, trial) for trial in cut_off]
        waiting = [trial for trial in trials if trial.state is TrialState.HELD]
        settle_limit(self._catalog, self._engine, replace(sweep, state=SweepState.PAUSED))
        self._hold(sweep, [*waiting, *again], permit)
        moves = tuple(TrialMove(trial, TrialState.CANCELLED) for trial in again)
        self._catalog.trials.move_trials(name, moves)
        return self._go(sweep, lambda found: _go_on(found, user), expected)

    def stop(self, name: str, *, user: str, expected: Expected | None = None) -> Sweep:
        """Cancel all trials that are not over; Conflict for a sweep that is."""

        def stop(found: Sweep) -> Sweep:
            if found.is_over:
                raise Conflict("sweep", name, found.state, "stopped")
            moment = now()
            return replace(
                found,
                state=SweepState.STOPPED,
                reason=f"{user} has stopped it",
                ended=moment,
                changed=moment,
                changed_by=user,
            )

        return self._go(self._catalog.sweeps.get_sweep(name), stop, expected)

    def delete(self, name: str, expected: Expected | None = None) -> None:
        """Forget a sweep that is over; its runs stay."""
        self._catalog.sweeps.delete_sweep(name, expected)
        self._owner.look_at(name)

    def edit_trial(
        self,
        name: str,
        number: int,
        *,
        params: Mapping[str, Any] | None = None,
        place: int | None = None,
        permit: Permit = permit_all,
    ) -> Trial:
        """Change a trial that waits; Conflict when a run of it has begun."""
        sweep, trial = self._find_held(name, number, "edited")
        changed = replace(
            trial,
            params=trial.params if params is None else {**trial.params, **params},
            place=trial.place if place is None else place,
        )
        check_params(self._read_flow(sweep), changed.params, "params")
        for run in trial.current_runs:
            self._engine.edit_held(run.run, params=params, place=place, permit=permit)
        return self._put(changed, trial)

    def skip_trial(self, name: str, number: int) -> Trial:
        """Leave out a trial that waits."""
        _sweep, trial = self._find_held(name, number, "skipped")
        skipped = replace(trial, state=TrialState.SKIPPED, reason="somebody has left it out", ended=now())
        return self._put(skipped, trial)

    def retry_trial(self, name: str, number: int, *, user: str, permit: Permit = permit_all) -> Trial:
        """Do a trial again that has come to nothing; Conflict for one that has, or that is not over."""
        sweep = self._catalog.sweeps.get_sweep(name)
        trial = self._catalog.trials.get_trial(name, number)
        if not trial.is_over or trial.state in {TrialState.SUCCEEDED, TrialState.STOPPED}:
            raise Conflict("trial", f"{number} of sweep {name}", trial.state, "done again")
        again = _try_again(sweep, trial)
        self._hold(sweep, [again], permit)
        self._put(again, trial)
        self._go(sweep, lambda found: _go_on(found, user) if found.is_over else found)
        return again

    def _put(self, trial: Trial, before: Trial) -> Trial:
        if self._catalog.trials.move_trials(trial.sweep, (TrialMove(trial, before.state),)):
            found = self._catalog.trials.get_trial(trial.sweep, trial.number)
            raise Conflict("trial", f"{trial.number} of sweep {trial.sweep}", found.state, "changed")
        self._owner.look_at(trial.sweep)
        return trial

    def _find_held(self, name: str, number: int, wanted: str) -> tuple[Sweep, Trial]:
        sweep = self._catalog.sweeps.get_sweep(name)
        trial = self._catalog.trials.get_trial(name, number)
        if trial.state is not TrialState.HELD or trial.is_over:
            raise Conflict("trial", f"{number} of sweep {name}", trial.state, wanted)
        return sweep, trial

    def _go(self, sweep: Sweep, change: Callable[[Sweep], Sweep], expected: Expected | None = None) -> Sweep:
        """Write the change of the sweep as it is now, let it hold, and wait until the sweeper has followed."""
        for _try in range(_TRIES):
            found = self._catalog.sweeps.get_sweep(sweep.name)
            changed = change(found)
            if changed is found:
                break
            try:
                self._catalog.sweeps.change_sweep(changed, expected or frozenset({found.tag}))
                break
            except Changed:
                if expected is not None:
                    raise
        else:
            raise Conflict("sweep", sweep.name, "being changed by many others at once", "changed now; try again")
        settle_limit(self._catalog, self._engine, changed)
        self._owner.look_at(sweep.name)
        return self._catalog.sweeps.get_sweep(sweep.name)

    def _check(self, sweep: Sweep) -> Checked:
        flow = self._read_flow(sweep)
        check_there(sweep.method)
        checked = check_sweep(sweep, flow, self._specs)
        if sweep.objectives:
            known = self._find_reported(sweep)
            for objective in sweep.objectives:
                check_number_known(objective, known)
        return checked

    def _read_flow(self, sweep: Sweep) -> FlowDoc:
        return read_flow(self._catalog.flows.get_flow(sweep.flow, sweep.flow_version).text)

    def _find_reported(self, sweep: Sweep) -> dict[str, set[str]]:
        """The numbers that each node has left when this version of the flow was run."""
        wanted = RunFilter(flow=sweep.flow, project=sweep.project, state=RunState.SUCCEEDED)
        runs = self._catalog.runs.list_runs(wanted, _LOOKED_AT).items
        ids = tuple(run.id for run in runs if run.flow_version == sweep.flow_version)
        known: dict[str, set[str]] = {}
        for steps in self._catalog.runs.list_steps_of(ids).values():
            for step in steps:
                if step_is_done(step.state):
                    known.setdefault(step.node, set()).update(step.metrics)
        for run in ids[:1]:
            for point in self._catalog.telemetry.list_metrics(run):
                known.setdefault(point.node, set()).add(point.name)
        return known

    def _look_ahead(self, checked: Checked, instances: Sequence[Mapping[str, Any]], permit: Permit) -> Estimate:
        """The estimate of one trial; raises for values that the flow's nodes do not take, or may not use.

        Each value is looked at once; of texts, which may name places, all combinations.
        """
        sweep, space = checked.sweep, checked.space
        wanted = [*instances[:1], *(_list_looks(space) if space is not None else [])] or [{}]
        found: Estimate | None = None
        for params in wanted:
            held = HeldRun("", {**sweep.params, **params}, 0)
            order = replace(make_order(sweep, held), id=None, permit=permit)
            estimate = self._engine.estimate_run(order)
            found = found or estimate
        assert found is not None  # noqa: S101 there is always one
        return found

    def _hold(self, sweep: Sweep, trials: Sequence[Trial], permit: Permit) -> None:
        """Write runs down for the trials, all or none; those that are there stay as they are."""
        orders = [
            replace(make_order(sweep, hold_run(sweep, trial, run)), permit=permit)
            for trial in trials
            for run in trial.current_runs
        ]
        if orders:
            self._engine.hold_runs(orders)

    def _unmake(self, making: Sweep) -> None:
        self._catalog.sweeps.change_sweep(replace(making, state=SweepState.STOPPED))
        self._catalog.sweeps.delete_sweep(making.name)
        self._catalog.limits.delete_limit(making.origin)
        self._owner.look_at(making.name)

    def _write_new(self, sweep: Sweep, params: Sequence[Mapping[str, Any]]) -> tuple[Trial, ...]:
        """New trials, with the next numbers; they are left out until their runs are there."""
        for _try in range(_TRIES):
            numbers = [trial.number for trial in self._catalog.trials.list_trials(sweep.name).items]
            if len(numbers) + len(params) > MOST_TRIALS:
                raise BadValue("trials", f"at most {MOST_TRIALS:,} in a sweep", f"{len(numbers) + len(params):,}")
            first = max(numbers, default=0) + 1
            trials = tuple(
                replace(
                    make_trial(sweep, number, dict(one), "user"),
                    created=now(),
                    state=TrialState.SKIPPED,
                    reason=BEING_MADE,
                )
                for number, one in enumerate(params, start=first)
            )
            if not self._catalog.trials.move_trials(sweep.name, tuple(TrialMove(trial) for trial in trials)):
                return trials
        raise Conflict("sweep", sweep.name, "being changed by many others at once", "added to now; try again")

    def _forget_new(self, name: str, trials: Sequence[Trial]) -> None:
        refused = [replace(trial, reason="it could not be made", ended=now()) for trial in trials]
        self._catalog.trials.move_trials(name, tuple(TrialMove(trial, TrialState.SKIPPED) for trial in refused))


def _go_on(sweep: Sweep, user: str) -> Sweep:
    """The sweep going on; what has ended it ends it no more."""
    if sweep.state is SweepState.FINISHED:
        sweep = replace(sweep, patience=None, budget=replace(sweep.budget, time_s=None, cpu_s=None, gpu_s=None))
    return replace(sweep, state=SweepState.RUNNING, reason=None, ended=None, changed=now(), changed_by=user)


def _try_again(sweep: Sweep, trial: Trial) -> Trial:
    """The trial as one that waits, with a further run of each replicate."""
    runs = [
        TrialRun(make_trial_run_id(sweep, trial.number, run.replicate, run.segment + 1), run.replicate, run.segment + 1)
        for run in trial.current_runs
    ]
    return replace(trial, state=TrialState.HELD, reason=None, ended=None, values=(), runs=(*trial.runs, *runs))


def _list_looks(space: Space) -> list[dict[str, Any]]:
    """Parameters by which every value of the space is seen once, and every combination of texts."""
    looks = []
    for name, domain in space.domains.items():
        before: dict[str, Any] = {}
        for other, values in domain.when.items():
            before[other] = values[0]
        looks += [{**before, name: value} for value in domain.list_samples()[:MOST_TEXTS]]
    texts = {
        name: [value for value in domain.values if isinstance(value, str)] for name, domain in space.domains.items()
    }
    several = {name: values for name, values in texts.items() if values}
    count = math.prod(len(values) for values in several.values())
    if count > MOST_TEXTS:
        raise BadValue("space", f"at most {MOST_TEXTS:,} combinations of texts", f"{count:,}", "vary fewer of them")
    if len(several) > 1:
        looks += [dict(zip(several, chosen, strict=True)) for chosen in product(*several.values())]
    return looks
