"""What the steps of a plan are made by: the same recipe, down to its sources, may stand for an earlier step. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dix.engine.plan import Plan, PlannedStep
from dix.records.recipe import Recipe

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a step's outcome depends on beside its flow.

    `code` is the digest of the algorithms' source, `versions` has those of DI-X and of the frameworks, `store` the URL
    that relative URIs are meant in, `environment` names Python and the libraries that all algorithms stand on.
    """

    code: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    store: str = ""
    environment: str = ""


def make_recipes(plan: Plan, surroundings: Surroundings) -> dict[str, Recipe]:
    """The recipe of each step, by node: its own parts, and for each input the recipe of the step that it comes from."""
    recipes: dict[str, Recipe] = {}
    digests: dict[str, str] = {}
    for step in plan.steps:
        upstream = {
            f"inputs.{port}": [source.node, source.port, digests[source.node]] for port, source in step.inputs.items()
        }
        recipes[step.node] = Recipe(list_own_parts(step, surroundings) | upstream)
        digests[step.node] = recipes[step.node].digest
    return recipes


def list_own_parts(step: PlannedStep, surroundings: Surroundings) -> dict[str, Any]:
    """What decides about a step's outputs beside its inputs; slots, times and retries do not."""
    parts: dict[str, Any] = {"kind": step.kind, "code": surroundings.code, "dix": surroundings.versions.get("dix", "")}
    if step.kind != "data":
        parts["environment"] = surroundings.environment
    named = {
        "algorithm": step.algorithm,
        "framework": step.framework,
        "model": step.model_name,
        "output": step.output,
        "workers": step.slice.workers if step.slice.workers > 1 else None,
        "script": step.code,
        "entry": step.entry,
        "stage": "uri" if not step.stages else None,
        "asked": list(step.asked) or None,
        "bad_rows": step.bad_rows if step.bad_rows and step.kind != "data" else None,
        "uri": step.uri,
        "format": step.format if step.kind == "data" else None,
        "store": surroundings.store if step.kind == "data" or step.output else None,
    }
    parts |= {name: value for name, value in named.items() if value is not None}
    known = surroundings.versions
    if step.framework is not None:
        parts["version"] = known.get(step.framework, "")
    elif step.kind == "model":  # of whichever framework the model is
        parts |= {f"version.{name}": version for name, version in known.items() if name != "dix"}
    parts |= {f"params.{name}": value for name, value in step.params.items()}
    parts |= {f"env.{name}": value for name, value in step.env.items()}
    return parts | {f"inputs.{port}": reference for port, reference in step.models.items()}


def tell_changes(before: Recipe, after: Recipe) -> str:
    """In which parts two recipes differ, in words; an empty text when in none."""
    return "; ".join(_list_changes(before.parts, after.parts))


def show(value: Any) -> str:
    """A part's value in a sentence."""
    if value is None:
        return "not given"
    if isinstance(value, list) and len(value) == 3 and isinstance(value[2], str) and len(value[2]) == 64:
        return f"{value[0]}.{value[1]}"
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _list_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if name == "code":
            yield "the code of the algorithms changed"
        elif name.startswith("inputs.") and isinstance(old, list) and isinstance(new, list) and old[:2] == new[:2]:
            yield f"what {old[0]} is made by changed"
        else:
            yield f"{name} was {show(old)}, now {show(new)}"
