"""Checks what is asked of a sweep before anything is made; what cannot be is refused in one sentence. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from dix.errors import BadValue
from dix.flow.document import AlgorithmNode, FlowDoc, ModelNode
from dix.flow.spec import AlgorithmSpecs
from dix.names import check_name, find_nearest
from dix.records.run import check_priority
from dix.records.sweep import Method, Objective, Sweep, Take
from dix.sweep.domain_reader import MOST_TRIALS
from dix.sweep.making import find_search
from dix.sweep.options import fill_options
from dix.sweep.space import Space, check_params, read_space
from dix.sweep.table import check_table

MOST_REPLICATES = 100
SEED = "seed"

_HALTING = frozenset({Method.ASHA, Method.HYPERBAND, Method.PBT})
_MOST_OBJECTIVES = 2


@dataclass(frozen=True, slots=True)
class Checked:
    """A sweep with everything filled in, and its space if it is no list."""

    sweep: Sweep
    space: Space | None


def check_sweep(sweep: Sweep, flow: FlowDoc, specs: AlgorithmSpecs) -> Checked:
    """The sweep as it will be; raises BadValue."""
    check_name("sweep", sweep.name)
    check_priority(sweep.priority)
    sweep = replace(sweep, options=fill_options(sweep.method, sweep.options))
    space = _check_space(sweep, flow)
    _check_fixed(sweep, space, flow)
    _check_objectives(sweep, flow, specs)
    _check_budget(sweep, space)
    _check_numbers(sweep)
    return Checked(_check_replicates(sweep, space, flow), space)


def _check_space(sweep: Sweep, flow: FlowDoc) -> Space | None:
    if sweep.method is Method.LIST:
        if sweep.space:
            raise BadValue("space", "a table of parameter sets for the method list", "a space", "or choose grid")
        check_table(sweep.table, flow)
        return None
    if sweep.table:
        raise BadValue("table", f"a space for the method {sweep.method}", "a table", "or choose list")
    space = read_space(sweep.space, flow)
    endless = space.find_endless()
    if find_search(sweep) is Method.GRID:
        if endless is not None:
            raise BadValue(
                f"space.{endless}", "values that can be counted for a grid", "all numbers between two", "give it a step"
            )
        count = space.count()
        if count > MOST_TRIALS and not sweep.budget.trials:
            raise BadValue(
                "space", f"at most {MOST_TRIALS:,} combinations", f"{count:,}", "make it smaller, or choose random"
            )
    return space


def _check_fixed(sweep: Sweep, space: Space | None, flow: FlowDoc) -> None:
    check_params(flow, sweep.params, "params")
    varied = set(space.domains) if space else {name for row in sweep.table for name in row}
    both = sorted(varied & sweep.params.keys())
    if both:
        raise BadValue(f"params.{both[0]}", "a parameter that the sweep does not vary", both[0], "take it out of one")


def _check_objectives(sweep: Sweep, flow: FlowDoc, specs: AlgorithmSpecs) -> None:
    count = len(sweep.objectives)
    needed = sweep.method in _HALTING or find_search(sweep) is Method.TPE
    if needed and count == 0:
        raise BadValue("objective", f"node.metric, which {sweep.method} goes by", "none")
    if count > (1 if sweep.method in _HALTING else _MOST_OBJECTIVES):
        most = "one" if sweep.method in _HALTING else "at most two"
        raise BadValue("objective", f"{most} for the method {sweep.method}", count)
    if len({str(objective) for objective in sweep.objectives}) < count:
        raise BadValue("objective", "two different numbers", str(sweep.objectives[0]))
    for objective in sweep.objectives:
        _check_objective(objective, flow, specs)
    if sweep.patience is not None and count != 1:
        raise BadValue("patience", "one objective beside it", f"{count}")


def _check_objective(objective: Objective, flow: FlowDoc, specs: AlgorithmSpecs) -> None:
    able = [name for name in flow.nodes if _can_report(flow, name, specs)]
    if objective.node not in able:
        nearest = find_nearest(objective.node, able)
        what = "no node of the flow" if objective.node not in flow.nodes else "a node that reports no numbers"
        todo = f"did you mean {nearest}?" if nearest else f"those that do are {', '.join(able) or 'none'}"
        raise BadValue("objective", "a node that reports numbers", f"{objective.node} ({what})", todo)
    if not objective.metric:
        raise BadValue("objective", "node.metric, as cnn.accuracy", str(objective))
    if (objective.take is Take.STEP) != (objective.step is not None):
        raise BadValue("objective", "a step with `take: step`, and only there", f"{objective.take}, {objective.step}")


def _can_report(flow: FlowDoc, name: str, specs: AlgorithmSpecs) -> bool:
    node = flow.nodes[name]
    if node.muted:
        return False
    if isinstance(node, AlgorithmNode):
        spec = specs.get(node.algorithm)
        return spec is None or node.algorithm != "noop"
    return isinstance(node, ModelNode)


def check_number_known(objective: Objective, known: Mapping[str, Collection[str]]) -> None:
    """Raises BadValue for a number that its node did not report when this version of the flow was run.

    `known` has the numbers of each node that has succeeded; one that never has is believed.
    """
    names = known.get(objective.node)
    if names and objective.metric not in names:
        nearest = find_nearest(objective.metric, names)
        todo = f"did you mean {nearest}?" if nearest else ""
        raise BadValue(
            "objective", f"a number that {objective.node} reports ({', '.join(sorted(names))})", objective.metric, todo
        )


def _check_budget(sweep: Sweep, space: Space | None) -> None:
    trials = sweep.budget.trials
    if trials is None and space is not None and find_search(sweep) is not Method.GRID:
        raise BadValue("budget.trials", f"how many trials {sweep.method} shall make", "nothing")
    if trials is not None and not 1 <= trials <= MOST_TRIALS:
        raise BadValue("budget.trials", f"a number from 1 to {MOST_TRIALS:,}", trials)
    limits = {"time": sweep.budget.time_s, "cpu_s": sweep.budget.cpu_s, "gpu_s": sweep.budget.gpu_s}
    for name, value in limits.items():
        if value is not None and value <= 0:
            raise BadValue(f"budget.{name}", "more than nothing", value)


def _check_numbers(sweep: Sweep) -> None:
    for field, value, least, most in (
        ("concurrency", sweep.concurrency, 1, MOST_TRIALS),
        ("patience", sweep.patience, 1, MOST_TRIALS),
        ("retries", sweep.retries, 0, 1000),
        ("replicates", sweep.replicates, 1, MOST_REPLICATES),
        ("seed", sweep.seed, 0, 2**31 - 1),
    ):
        if value is not None and not least <= value <= most:
            raise BadValue(field, f"a whole number from {least} to {most:,}", value)


def _check_replicates(sweep: Sweep, space: Space | None, flow: FlowDoc) -> Sweep:
    """With more than one replicate, each has a seed of its own."""
    if sweep.replicates == 1:
        if sweep.seed_param is not None:
            raise BadValue("seed_param", "replicates beside it", "one replicate")
        return sweep
    if sweep.method in {Method.HYPERBAND, Method.PBT}:
        raise BadValue(
            "replicates", f"1 for the method {sweep.method}, which goes on from checkpoints", sweep.replicates
        )
    name = sweep.seed_param or SEED
    varied = set(space.domains) if space else {each for row in sweep.table for each in row}
    default = flow.params.get(name)
    if isinstance(default, bool) or not isinstance(default, int) or name in varied | sweep.params.keys():
        raise BadValue(
            "seed_param",
            "a parameter of the flow that is a whole number and that nothing else gives, for the seeds of replicates",
            name,
        )
    return replace(sweep, seed_param=name)
