"""What a sweep is asked for with, and how its parts are shown."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from dix.api.reach import Reach
from dix.api.runs import Priority
from dix.api.shapes import MOST_VERSIONS, Answer, Body, Plain
from dix.errors import BadValue
from dix.flow.text import read_flow
from dix.flow.units import read_time
from dix.names import check_name
from dix.records.flow_version import FlowVersion
from dix.records.member import Role
from dix.records.moments import now
from dix.records.sweep import Budget, Method, Mode, Objective, Sweep, Take
from dix.sweep.table import read_csv

# Ray Tune calls its searcher for TPE so.
MethodName = Literal["grid", "list", "random", "tpe", "optuna", "asha", "hyperband", "pbt"]
SPACE = (
    "By parameter: a list, a range as 1..10 step 2, {float: [low, high]} or {int: [low, high]} with log, step and when "
    "beside, {choice: [...]}, or one of Ray Tune's words (uniform, loguniform, quniform, randint ...)"
)


class ObjectiveBody(Body):
    """A number that a node reports."""

    number: str = Field(description="node.metric, as cnn.valid_accuracy")
    mode: Literal["min", "max"] = "max"
    take: Literal["best", "last", "step"] = "best"
    step: int | None = Field(default=None, ge=0, description="The position that counts, with `take: step`")


class BudgetBody(Body):
    """What it may take; what is not given is without limit."""

    trials: int | None = None
    time: int | float | str | None = Field(default=None, description="Since it was made: seconds, or as 2h")
    cpu_s: float | int | None = Field(default=None, description="Cores that its steps hold, times seconds")
    gpu_s: float | int | None = Field(default=None, description="Cards that its steps hold, times seconds")


class SweepBody(Body):
    """A search over the parameters of a flow that is kept."""

    name: str
    flow: str
    version: int | None = Field(default=None, ge=1, le=MOST_VERSIONS, description="Its latest by default")
    project: str | None = Field(default=None, description="The flow's own by default")
    description: str = ""
    method: MethodName = "grid"
    space: dict[str, Any] = Field(default={}, description=SPACE)
    table: list[dict[str, Any]] = Field(default=[], description="Parameter sets, with the method list")
    csv: str | None = Field(default=None, description="The same as text with a line of parameter names")
    params: dict[str, Any] = Field(default={}, description="For every trial, over the defaults of the flow")
    objectives: list[ObjectiveBody] = Field(default=[], description="One, or two that are weighed against each other")
    options: dict[str, Any] = Field(default={}, description="Of the method, by Ray Tune's names, as grace_period")
    budget: BudgetBody = BudgetBody()
    concurrency: int = Field(default=4, description="How many runs go at once")
    patience: int | None = Field(default=None, description="It ends after so many trials that were no better")
    seed: int = 0
    replicates: int = Field(default=1, description="Each trial is run so often, and judged by the mean")
    seed_param: str | None = Field(default=None, description="The parameter for seeds of replicates; `seed` by default")
    retries: int = Field(default=0, description="How often a trial that failed is run again")
    counts_failed: bool = Field(default=True, description="Whether a failed trial uses up one of the budget's")
    priority: Priority = 0
    cache: bool = True


class ObjectiveAnswer(Answer):
    """An objective."""

    number: str
    mode: Mode
    take: Take
    step: int | None

    @classmethod
    def of(cls, objective: Objective) -> ObjectiveAnswer:
        """The objective as it goes out."""
        return cls(number=str(objective), mode=objective.mode, take=objective.take, step=objective.step)


class BudgetAnswer(Answer):
    """A budget; null is without limit."""

    trials: int | None
    time_s: Plain
    cpu_s: Plain
    gpu_s: Plain

    @classmethod
    def of(cls, budget: Budget) -> BudgetAnswer:
        """The budget as it goes out."""
        return cls(trials=budget.trials, time_s=budget.time_s, cpu_s=budget.cpu_s, gpu_s=budget.gpu_s)


def make_sweep(body: SweepBody, reach: Reach, user: str) -> Sweep:
    """The sweep that is asked for; raises NotFound, NotAllowed and BadValue."""
    kept = reach.flow(body.flow, body.version)
    project = kept.project if body.project is None else body.project
    reach.project(check_name("project", project), Role.USER)
    method = Method.TPE if body.method == "optuna" else Method(body.method)
    return Sweep(
        name=body.name,
        flow=kept.flow,
        flow_version=kept.version,
        project=project,
        created=now(),
        method=method,
        user=user,
        space=body.space,
        table=_read_table(body, kept),
        params=body.params,
        objectives=tuple(_read_objective(objective) for objective in body.objectives),
        options=body.options,
        budget=read_budget(body.budget, Budget()),
        concurrency=body.concurrency,
        patience=body.patience,
        seed=body.seed,
        replicates=body.replicates,
        seed_param=body.seed_param,
        retries=body.retries,
        counts_failed=body.counts_failed,
        priority=body.priority,
        cache=body.cache,
        description=body.description,
    )


def read_budget(body: BudgetBody, before: Budget) -> Budget:
    """The budget with what is given in place of what it was."""
    given = body.model_fields_set
    time_s = None if body.time is None else read_time(body.time, "budget.time")
    return Budget(
        body.trials if "trials" in given else before.trials,
        time_s if "time" in given else before.time_s,
        body.cpu_s if "cpu_s" in given else before.cpu_s,
        body.gpu_s if "gpu_s" in given else before.gpu_s,
    )


def _read_table(body: SweepBody, kept: FlowVersion) -> tuple[dict[str, Any], ...]:
    if body.csv is None:
        return tuple(body.table)
    if body.table:
        raise BadValue("csv", "either csv or table", "both")
    return read_csv(body.csv, read_flow(kept.text))


def _read_objective(body: ObjectiveBody) -> Objective:
    node, dot, metric = body.number.partition(".")
    if not dot or not node or not metric:
        raise BadValue("objective", "node.metric, as cnn.valid_accuracy", body.number)
    return Objective(node, metric, Mode(body.mode), Take(body.take), body.step)
