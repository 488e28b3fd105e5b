"""What goes into a step, by content: an earlier step that the same went into need not be done again. Pure."""

from __future__ import annotations

from dix.engine.messages import StepOrder
from dix.engine.recipes import Surroundings, list_own_parts, show
from dix.records.recipe import Recipe
from dix.records.result import Result


def make_fingerprint(order: StepOrder, project: str, surroundings: Surroundings) -> Recipe | None:
    """All that decides what an attempt leaves, its inputs by what they hold; None when that is not known of each.

    A data node has none: it is looked at each time, and its content decides about what follows.
    """
    step = order.step
    ports = {*step.inputs, *step.models}
    if not step.cache or step.kind == "data" or not ports <= order.digests.keys():
        return None
    content = {f"inputs.{port}": order.digests[port] for port in ports}
    return Recipe(list_own_parts(step, surroundings) | content | {"project": project})


def tell_why_unknown(order: StepOrder) -> str | None:
    """Why a step has no fingerprint; None for one that is never asked for."""
    step = order.step
    if step.kind == "data":
        return None
    if not step.cache:
        return "its cache is off, or its code may read more than its inputs"
    unknown = sorted({*step.inputs, *step.models} - order.digests.keys())
    return f"it is not known what its input {' and '.join(unknown)} holds"


def tell_why_new(fingerprint: Recipe, last: Result | None) -> str:
    """Why no earlier step will do, from the last success of the same node."""
    if last is None:
        return "no earlier run has left its outputs"
    before, after = last.recipe.parts, fingerprint.parts
    told = [_tell(name, before.get(name), after.get(name), last.step.run) for name in sorted({*before, *after})]
    return "; ".join(text for text in told if text) or f"the outputs of run {last.step.run} are gone"


def _tell(name: str, old: object, new: object, run: str) -> str | None:
    if old == new:
        return None
    if name == "code":
        return f"the code of the algorithms changed since run {run}"
    if name.startswith("inputs.") and old is not None and new is not None:
        return f"input {name.removeprefix('inputs.')} changed since run {run}"
    return f"{name} was {show(old)} in run {run}, now {show(new)}"
