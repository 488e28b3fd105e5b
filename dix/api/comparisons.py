"""Trials of a sweep side by side over HTTP, in columns: for up to ten thousand of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import Field

from dix.api.aliases import AliasAnswer
from dix.api.parts import Parts, PartsHere
from dix.api.reach import ReachHere
from dix.api.shapes import Answer, Body, Plain
from dix.api.sweeps import find_best
from dix.errors import BadValue, Conflict, NotFound
from dix.names import find_nearest
from dix.records.member import Role
from dix.records.run import Run
from dix.records.step import Step
from dix.records.sweep import Sweep
from dix.records.trial import Trial
from dix.records.trial_table import TrialTable
from dix.sweep.comparison import compare_trials, list_values, make_contour
from dix.sweep.importance import find_importance
from dix.sweep.promotion import find_made

router = APIRouter(prefix="/api/v1/sweeps/{name}", tags=["sweeps"])

MOST_CURVES = 1_000
_NAMED = Annotated[str | None, Query(description="node.metric; the first objective by default")]


class AxisAnswer(Answer):
    """One axis of parallel coordinates."""

    column: str
    least: float | None
    greatest: float | None
    choices: list[Plain]


class ComparisonAnswer(Answer):
    """All trials in columns of the same length; a number that is not there, or is none, is null."""

    sweep: str
    columns: dict[str, list[Plain]] = Field(
        description="`trial`, `state`, `duration_s`, `params.NAME`, `objective.NUMBER`, `NUMBER.min`, `.max`, `.last`"
    )
    differing: list[str] = Field(description="The columns in which trials differ")
    axes: list[AxisAnswer] = Field(description="Of parallel coordinates: parameters, then objectives")
    best: int | None
    pareto: list[int] = Field(description="Of two objectives: trials that none is better than in both")


class CurveAnswer(Answer):
    """One trial's curve; `seconds` are since its run began."""

    trial: int
    replicate: int
    positions: list[int]
    values: list[Plain]
    seconds: list[float]


class CurvesAnswer(Answer):
    """One number of several trials, aligned by position or by time."""

    number: str
    curves: list[CurveAnswer]


class ImportanceAnswer(Answer):
    """How much each parameter matters, as shares of 1; by scikit-learn's forest."""

    objective: str
    importance: dict[str, float]


class ContourAnswer(Answer):
    """The mean of an objective in each cell of a grid over two parameters, by y and then by x."""

    objective: str
    x: list[Plain]
    y: list[Plain]
    values: list[list[Plain]]


class OneDifference(Answer):
    """`kind` is params, code (where it was kept, by node), data (SHA-256, by node.port) or numbers (the last ones)."""

    kind: str
    name: str
    values: list[Plain] = Field(description="Of the first, and of the second")


class DifferenceAnswer(Answer):
    """In what two trials differ."""

    trials: list[int]
    differences: list[OneDifference]


class BestBody(Body):
    """Which name the model shall have."""

    alias: str
    trial: int | None = Field(default=None, description="The best one by default")
    node: str | None = Field(default=None, description="The node that trains it, where several do")


@router.get("/compare", response_model=ComparisonAnswer)
def compare_sweep(name: str, parts: PartsHere) -> Response:
    """All trials side by side."""
    sweep = parts.catalog.sweeps.get_sweep(name)
    return _write({"sweep": name, **asdict(compare_trials(parts.catalog.trials.read_table(name), sweep.objectives))})


@router.get("/curves", response_model=CurvesAnswer)
def list_curves(
    name: str,
    parts: PartsHere,
    *,
    number: _NAMED = None,
    trial: Annotated[list[int] | None, Query(description=f"These; the first {MOST_CURVES} by default")] = None,
) -> Response:
    """The curves of one number, to be laid over each other by position or by time."""
    sweep = parts.catalog.sweeps.get_sweep(name)
    wanted = number or _name_first(sweep)
    known = [one.number for one in parts.catalog.trials.list_trials(name).items]
    found = parts.catalog.trials.read_curves(name, wanted, (trial or known)[:MOST_CURVES])
    if not found.curves and known:
        _check_number(parts.catalog.trials.read_table(name), wanted)
    return _write(asdict(found))


@router.get("/importance", response_model=ImportanceAnswer)
def get_importance(name: str, parts: PartsHere, number: _NAMED = None) -> Response:
    """How much each parameter matters for an objective, or for another number's last value."""
    table, wanted, values = _find_values(parts, name, number)
    return _write({"objective": wanted, "importance": find_importance(table.params, values)})


@router.get("/contour", response_model=ContourAnswer)
def get_contour(name: str, parts: PartsHere, x: str, y: str, number: _NAMED = None) -> Response:
    """An objective over two parameters."""
    table, wanted, values = _find_values(parts, name, number)
    return _write({"objective": wanted, **asdict(make_contour(table, x, y, values))})


@router.get("/difference")
def compare_two_trials(
    name: str, parts: PartsHere, trial: Annotated[list[int], Query(description="Two of them, by number")]
) -> DifferenceAnswer:
    """In what two trials differ: parameters, code, data and numbers."""
    if len(trial) != 2:
        raise BadValue("trial", "two trials", len(trial))
    found = [_find_last_run(parts, parts.catalog.trials.get_trial(name, number)) for number in trial]
    (first, first_steps), (second, second_steps) = found
    sides = {
        "params": (first.params, second.params),
        "code": (first.code, second.code),
        "data": (_list_digests(first_steps), _list_digests(second_steps)),
        "numbers": (_list_numbers(first_steps), _list_numbers(second_steps)),
    }
    differences = [
        OneDifference(kind=kind, name=name, values=values)
        for kind, pair in sides.items()
        for name, values in _differ(*pair).items()
    ]
    return DifferenceAnswer(trials=trial, differences=differences)


@router.post("/best")
def register_best(name: str, body: BestBody, parts: PartsHere, reach: ReachHere) -> AliasAnswer:
    """Let an alias name the model that the best trial, or another one, has made."""
    sweep = parts.catalog.sweeps.get_sweep(name)
    trial = find_best(parts, sweep) if body.trial is None else parts.catalog.trials.get_trial(name, body.trial)
    if trial is None:
        what = "without a trial that is the best; name one" if len(sweep.objectives) != 1 else "without a good trial"
        raise Conflict("sweep", name, what, "asked for its best")
    _run, steps = _find_last_run(parts, trial)
    made = find_made(sweep, trial, steps, body.node)
    reach.model(made.model, Role.USER)
    return AliasAnswer.model_validate(
        parts.catalog.aliases.set_alias(made.model, body.alias, made.version or 0, reach.caller.user)
    )


def _write(document: dict[str, Any]) -> Response:
    """As JSON, quickly: there may be a million numbers. NaN and infinities are null."""
    return Response(orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")


def _name_first(sweep: Sweep) -> str:
    if not sweep.objectives:
        raise BadValue("number", "node.metric, since the sweep has no objective", "none")
    return str(sweep.objectives[0])


def _find_values(parts: Parts, name: str, number: str | None) -> tuple[TrialTable, str, Sequence[float | None]]:
    sweep = parts.catalog.sweeps.get_sweep(name)
    wanted = number or _name_first(sweep)
    table = parts.catalog.trials.read_table(name)
    for place, objective in enumerate(sweep.objectives):
        if wanted == str(objective):
            return table, wanted, list_values(table, place)
    _check_number(table, wanted)
    return table, wanted, table.metrics[wanted].last


def _check_number(table: TrialTable, wanted: str) -> None:
    if wanted not in table.metrics:
        nearest = find_nearest(wanted, table.metrics)
        todo = f"did you mean {nearest}?" if nearest else ""
        known = ", ".join(table.metrics) or "none yet"
        raise BadValue("number", f"a number that trials have told ({known})", wanted, todo)


def _find_last_run(parts: Parts, trial: Trial) -> tuple[Run, tuple[Step, ...]]:
    name = trial.current_runs[0].run
    try:
        return parts.catalog.runs.get_run(name), parts.catalog.runs.list_steps(name)
    except NotFound:
        raise Conflict("trial", f"{trial.number} of sweep {trial.sweep}", trial.state, "looked into yet") from None


def _differ(first: dict[str, Any], second: dict[str, Any]) -> dict[str, list[Any]]:
    names = [*first, *(name for name in second if name not in first)]
    pairs = {name: [first.get(name), second.get(name)] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _list_digests(steps: Sequence[Step]) -> dict[str, Any]:
    return {f"{step.node}.{port}": digest for step in steps for port, digest in step.digests.items()}


def _list_numbers(steps: Sequence[Step]) -> dict[str, Any]:
    return {f"{step.node}.{name}": value for step in steps for name, value in step.metrics.items()}
