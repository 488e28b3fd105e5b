"""Settles what references to models mean in a run, when it is accepted: a model or alias that moves changes no run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dix.catalog.base import Models
from dix.engine.orders import find_version
from dix.engine.plan import Plan, PlannedStep
from dix.errors import NotFound


@dataclass(frozen=True, slots=True)
class Pinned:
    """A plan whose models are named by number, and what each of its references means; see `Run.models`."""

    plan: Plan
    models: dict[str, str]


def pin_models(plan: Plan, models: Models, known: Mapping[str, str] | None = None) -> Pinned:
    """Look every reference up, those in `known` by what they meant before; a step that is skipped needs none.

    Raises NotFound with the nearest for one that means nothing.
    """
    pins: dict[str, str] = {}
    for step in plan.steps:
        for reference in step.models.values() if step.skip is None else ():
            meant = (known or {}).get(reference, reference)
            try:
                pins[reference] = find_version(meant, models).reference
            except NotFound:
                if not step.is_given:  # what an earlier run has left needs no model any more
                    raise
                pins[reference] = meant
    return Pinned(name_models(plan, pins), pins)


def name_models(plan: Plan, pins: Mapping[str, str]) -> Plan:
    """The plan with what its references mean in their place."""
    return replace(plan, steps=tuple(_name(step, pins) for step in plan.steps))


def _name(step: PlannedStep, pins: Mapping[str, str]) -> PlannedStep:
    if not step.models:
        return step
    return replace(step, models={port: pins.get(reference, reference) for port, reference in step.models.items()})
