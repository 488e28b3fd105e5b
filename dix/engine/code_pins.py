"""Settles what `code` means in a run, when it is accepted: a file that is changed later changes no run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dix.engine.plan import Plan, PlannedStep
from dix.errors import BadDocument, BadValue, DixError, NotFound, PlatformError, Problem
from dix.flow.argument_reader import read_arguments
from dix.store.kept_code import read_kept, snapshot_code
from dix.store.store import Store


@dataclass(frozen=True, slots=True)
class PinnedCode:
    """A plan whose code lies under its digest, and where each `code` of the flow has gone; see `Run.code`."""

    plan: Plan
    code: dict[str, str]


def pin_code(plan: Plan, store: Store | None, known: Mapping[str, str] | None = None) -> PinnedCode:
    """Keep the code of every step that is to be done; what is in `known` means what it meant before.

    Raises BadDocument for code that is not there, or cannot be run with the parameters of its step.
    """
    pins: dict[str, str] = {}
    problems: list[Problem] = []
    for step in plan.steps:
        if step.code is None or step.skip is not None or store is None:
            continue
        try:
            before = (known or {}).get(step.code) or pins.get(step.code)
            pins[step.code] = before or str(snapshot_code(store, step.code))
        except PlatformError:
            raise
        except DixError as error:
            problems.append(_tell(step, error))
    pinned = name_code(plan, pins)
    if store is not None:
        told = {problem.node for problem in problems}
        wanted = [step for step in pinned.steps if step.code is not None and step.skip is None]
        problems += [problem for step in wanted if step.node not in told for problem in _check(step, store)]
    if problems:
        raise BadDocument(tuple(problems))
    # What a flow names by its digest needs no second name.
    return PinnedCode(pinned, {named: kept for named, kept in pins.items() if named != kept})


def name_code(plan: Plan, pins: Mapping[str, str]) -> Plan:
    """The plan with the places of its code in place of what the flow calls them."""
    return replace(plan, steps=tuple(_name(step, pins) for step in plan.steps))


def _name(step: PlannedStep, pins: Mapping[str, str]) -> PlannedStep:
    kept = None if step.code is None else read_kept(pins.get(step.code, step.code))
    return step if kept is None else replace(step, code=kept.folder, entry=step.entry or kept.file)


def _check(step: PlannedStep, store: Store) -> list[Problem]:
    """What is wrong with the parameters, as far as the script itself says what it takes."""
    if step.entry is None or not step.entry.endswith(".py"):
        return []
    try:
        declared = read_arguments(store.read_bytes(f"{step.code}/{step.entry}"))
    except NotFound:
        what = f"there is no {step.entry} in the code; name a file of it"
        return [Problem(step.node, "entry", "code", what)]
    except BadValue as error:
        what = f"{step.entry} is no Python ({error.fact('got')}); correct it"
        return [Problem(step.node, "code", "code", what)]
    return declared.check(step.node, step.entry, step.params, rendered=True)


def _tell(step: PlannedStep, error: DixError) -> Problem:
    if isinstance(error, NotFound):
        what = f"nothing lies at {step.code} in the store; `dix run FILE` and `dix flows push FILE` send local code"
        return Problem(step.node, "code", "code", what)
    return Problem(step.node, "code", "code", str(error))
