"""A space: what each parameter of a sweep may be, checked against the flow's parameters. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from dix.errors import BadDocument, BadValue, Problem
from dix.flow.document import FlowDoc
from dix.flow.run_params import resolve_params
from dix.names import find_nearest
from dix.sweep.domain import Domain
from dix.sweep.domain_reader import MOST_TRIALS, read_domain


@dataclass(frozen=True, slots=True)
class Space:
    """Domains by parameter; each comes after those that its condition names."""

    domains: Mapping[str, Domain]

    def find_endless(self) -> str | None:
        """A parameter whose values cannot be counted; None when all can."""
        return next((name for name, domain in self.domains.items() if domain.count is None), None)

    def count(self) -> int:
        """How many combinations there are, of values that can all be counted."""
        deciding = {name for domain in self.domains.values() for name in domain.when}
        heads = {name: self.domains[name] for name in self.domains if name in deciding}
        if math.prod(domain.count or 1 for domain in heads.values()) > MOST_TRIALS:
            return math.prod(domain.count or 1 for domain in self.domains.values())
        rest = [domain for name, domain in self.domains.items() if name not in deciding]
        return sum(
            math.prod(domain.count or 1 for domain in rest if domain.is_active(chosen)) for chosen in _combine(heads)
        )

    def list_all(self) -> Iterator[dict[str, Any]]:
        """Every combination, the last parameter changing first; each once, whatever conditions leave out."""
        return _combine(self.domains)

    def has(self, params: Mapping[str, Any]) -> bool:
        """Whether these parameters are a point of it."""
        active = {name for name, domain in self.domains.items() if domain.is_active(params)}
        return active == params.keys() and all(self.domains[name].has(value) for name, value in params.items())


def read_space(given: Mapping[str, Any], flow: FlowDoc) -> Space:
    """The space that was given for a flow; raises BadValue for one without a member, or that the flow does not take."""
    if not given:
        raise BadValue("space", "at least one parameter", "none", "name one of " + _list(flow))
    domains = {name: read_domain(name, domain) for name, domain in given.items()}
    for name, domain in domains.items():
        for value in domain.list_samples():
            check_params(flow, {name: value}, "space")
        _check_condition(name, domain, domains)
    return Space(_put_in_order(domains))


def check_params(flow: FlowDoc, params: Mapping[str, Any], where: str) -> dict[str, Any]:
    """All parameters of a run that is given these; raises BadValue for what the flow does not take."""
    try:
        return resolve_params(flow, params)
    except BadDocument as error:
        raise _to_bad_value(error.problems[0], where, params) from None


def _to_bad_value(problem: Problem, where: str, params: Mapping[str, Any]) -> BadValue:
    name = (problem.field or "").removeprefix("params.")
    expected, _, rest = problem.message.removeprefix("expected ").partition(", got ")
    got = params.get(name, name) if rest else name
    if not rest:
        expected = f"a parameter of the flow; {problem.message.partition('; ')[2] or problem.message}"
    hint = f"did you mean {problem.nearest}?" if problem.nearest else ""
    return BadValue(f"{where}.{name}", expected, got, hint)


def _check_condition(name: str, domain: Domain, domains: Mapping[str, Domain]) -> None:
    for other, values in domain.when.items():
        field = f"space.{name}.when"
        if other not in domains or other == name:
            nearest = find_nearest(other, [each for each in domains if each != name])
            raise BadValue(
                field, "another parameter of the space", other, f"did you mean {nearest}?" if nearest else ""
            )
        missing = next((value for value in values if not domains[other].has(value)), None)
        if not values or missing is not None:
            raise BadValue(field, f"a value that {other} may have", missing, "or it would never be tried")


def _put_in_order(domains: Mapping[str, Domain]) -> dict[str, Domain]:
    ordered: dict[str, Domain] = {}
    while len(ordered) < len(domains):
        ready = [
            name for name, domain in domains.items() if name not in ordered and ordered.keys() >= domain.when.keys()
        ]
        if not ready:
            left = ", ".join(name for name in domains if name not in ordered)
            raise BadValue("space", "conditions that do not go in a circle", left)
        ordered |= {name: domains[name] for name in ready}
    return ordered


def _combine(domains: Mapping[str, Domain], chosen: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """Combinations of those that are active, with what is chosen already."""
    before = dict(chosen or {})
    free = {name: domain for name, domain in domains.items() if not domain.when}
    if len(free) == len(domains):
        for values in product(*(domain.list_values() for domain in free.values())):
            yield before | dict(zip(free, values, strict=True))
        return
    if not domains:
        yield before
        return
    (name, domain), *rest = domains.items()
    for value in domain.list_values() if domain.is_active(before) else (_ABSENT,):
        yield from _combine(dict(rest), before if value is _ABSENT else before | {name: value})


_ABSENT = object()


def _list(flow: FlowDoc) -> str:
    return ", ".join(list(flow.params)[:20]) or "none: the flow has no parameters"
