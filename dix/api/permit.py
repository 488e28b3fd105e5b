"""Checks what a run would use and make, once its templates are filled in and before it is written down."""

from __future__ import annotations

from collections.abc import Callable

from dix.api.parts import Parts
from dix.api.reach import Reach
from dix.api.store_reach import StoreReach
from dix.engine.plan import Plan
from dix.names import is_model_reference, read_model_reference


def make_permit(parts: Parts, reach: Reach) -> Callable[[Plan, str], None]:
    """For `RunOrder.permit`: raises NotFound, NotAllowed, BadValue, AlreadyExists or Conflict for a plan in a project.

    What lies outside of the store is not looked at: who may run code reads what DI-X may read.
    """
    store = StoreReach(parts, reach)

    def check(plan: Plan, project: str) -> None:
        for step in plan.steps:
            if step.skip is not None:
                continue
            for reference in step.models.values():
                reach.model(read_model_reference(reference).model)
            if step.model_name is not None:
                reach.free_model(step.model_name, project)
            if step.uri is not None and not is_model_reference(step.uri) and store.is_inside(step.uri):
                store.check_read_whole(step.uri)
            if step.code is not None and store.is_inside(step.code):
                store.check_read_whole(step.code)
            if step.output is not None and store.is_inside(step.output):
                store.check_write(step.output)

    return check
