"""Estimates a run before it starts, from earlier attempts of the same nodes. Pure: no Ray, no I/O, no clock."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from fractions import Fraction

from dix.engine.meter import allocate
from dix.engine.plan import Plan, PlannedStep
from dix.records.attempt import Attempt
from dix.records.estimate import Estimate, NodeEstimate
from dix.records.prices import PriceBook
from dix.records.usage import UsageRow

# So many of the latest attempts of a node are looked at.
LOOKED_AT = 10


def make_estimate(plan: Plan, earlier: Mapping[str, Sequence[Attempt]], book: PriceBook) -> Estimate:
    """`earlier` has attempts of each node that succeeded, as many as there are."""
    nodes = tuple(_estimate(step, earlier.get(step.node, ()), book) for step in plan.steps)
    seconds, path = _find_longest_path(plan, {node.node: node.seconds or 0.0 for node in nodes})
    priced = None if book.is_empty() else sum(node.cost or 0.0 for node in nodes)
    return Estimate(
        flow=plan.flow,
        seconds=seconds,
        path=path,
        cost=priced,
        currency=None if book.is_empty() else book.currency,
        unknown=tuple(node.node for node in nodes if node.seconds is None),
        nodes=nodes,
    )


def _estimate(step: PlannedStep, earlier: Sequence[Attempt], book: PriceBook) -> NodeEstimate:
    if step.skip is not None:
        return NodeEstimate(step.node, 0.0, note=f"not executed: {step.skip}")
    if step.is_given:
        return NodeEstimate(step.node, 0.0, note="taken from an earlier run")
    lengths = [(one.ended - one.started).total_seconds() for one in earlier if one.ended is not None]
    if not lengths:
        return NodeEstimate(step.node, None, note=f"no earlier run of node {step.node}")
    seconds = statistics.median(lengths)
    cost = _find_cost(step, seconds, book)
    return NodeEstimate(step.node, seconds, min(lengths), max(lengths), len(lengths), cost)


def _find_cost(step: PlannedStep, seconds: float, book: PriceBook) -> float | None:
    """Of the slice that the step asks for now, whatever earlier ones had."""
    held = allocate(step.slice, next(iter(step.slice.accelerators), None))
    exact = Fraction(seconds)
    row = UsageRow(
        cpu_s=exact * Fraction(held.cpu),
        gpu_s={held.gpu_type: exact * Fraction(held.gpu)},
        memory_byte_s=exact * held.memory_bytes,
    )
    cost = book.find_cost(row)
    return None if cost is None else float(cost)


def _find_longest_path(plan: Plan, seconds: Mapping[str, float]) -> tuple[float, tuple[str, ...]]:
    """Seconds and nodes of the path that takes longest; steps come upstream first."""
    ends: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for step in plan.steps:
        above = max((source.node for source in step.inputs.values()), key=ends.__getitem__, default=None)
        before[step.node] = above
        ends[step.node] = seconds[step.node] + (ends[above] if above is not None else 0.0)
    node = max(ends, key=ends.__getitem__, default=None)
    total, path = ends[node] if node is not None else 0.0, []
    while node is not None:
        path.append(node)
        node = before[node]
    return total, tuple(reversed(path))
