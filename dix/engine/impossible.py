"""What no machine of the cluster could ever do, with the numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dix.engine.amounts import (
    CUSTOM,
    SMALL,
    list_amounts,
    list_capacity,
    list_types,
    tell_amount,
    tell_name,
    tell_number,
)
from dix.engine.machines import Machine
from dix.engine.plan import Slice
from dix.engine.shelf import Shelf
from dix.errors import Problem
from dix.names import find_nearest


@dataclass(frozen=True, slots=True)
class Lack:
    """Which field of a node asks for what is not there, in a sentence; with the nearest name that would do."""

    field: str
    message: str
    nearest: str | None = None


def find_impossible(slices: Mapping[str, Slice], machines: Iterable[Machine]) -> tuple[Problem, ...]:
    """A problem for each field of each node that no machine could ever satisfy; `slices` are the nodes' own."""
    machines = tuple(machines)
    return tuple(
        Problem(node, lack.field, "impossible", lack.message, lack.nearest)
        for node, wanted in slices.items()
        for lack in find_lacks(wanted, machines)
    )


def find_lacks(wanted: Slice, machines: Iterable[Machine]) -> tuple[Lack, ...]:
    """Why the machines could never do it, even if they had nothing else to do; empty when they could.

    All workers of a step have the same type of card.
    """
    machines = tuple(machines)
    lacks = _find_lacks_of_one(replace(wanted, workers=1), machines)
    if lacks or wanted.workers == 1:
        return lacks
    kinds: dict[str | None, list[tuple[str, int]]] = {}
    for machine in list_fitting(wanted, machines):
        kind = machine.accelerator if wanted.gpu else None
        kinds.setdefault(kind, []).append((machine.name, Shelf(machine).count_room(wanted)))
    best = max(kinds.values(), key=lambda rooms: sum(room for _name, room in rooms))
    has = sum(room for _name, room in best)
    if has >= wanted.workers:
        return ()
    shown = ", ".join(f"{room} on {name}" for name, room in best if room)
    return (Lack("resources.workers", f"asks for {wanted}; the cluster has room for {has} such workers ({shown})"),)


def _find_lacks_of_one(wanted: Slice, machines: tuple[Machine, ...]) -> tuple[Lack, ...]:
    if not machines:
        return (Lack("resources", "the cluster has no machine"),)
    fitting = list_fitting(wanted, machines)
    if not fitting:
        return (_lack_of_type(wanted, machines),)
    amounts = list_amounts(wanted)
    if any(_holds(machine, amounts) for machine in fitting):
        return ()
    lacks = tuple(lack for name, amount in amounts.items() if (lack := _find_lack(name, amount, fitting, wanted)))
    return lacks or (_lack_together(amounts, fitting, wanted),)


def list_fitting(wanted: Slice, machines: Iterable[Machine]) -> tuple[Machine, ...]:
    """The machines with a type of card that will do."""
    return tuple(
        machine for machine in machines if not wanted.accelerators or machine.accelerator in wanted.accelerators
    )


def _holds(machine: Machine, amounts: dict[str, float]) -> bool:
    has = list_capacity(machine)
    return all(has.get(name, 0.0) + SMALL >= amount for name, amount in amounts.items())


def _lack_of_type(wanted: Slice, machines: tuple[Machine, ...]) -> Lack:
    there = {machine.accelerator: machine.name for machine in machines if machine.accelerator}
    shown = ", ".join(f"{kind} ({name})" for kind, name in sorted(there.items())) or "none of a known type"
    nearest = next((near for kind in wanted.accelerators if (near := find_nearest(kind, there))), None)
    return Lack(
        "resources.accelerator", f"no machine has a card{list_types(wanted.accelerators)}; there is {shown}", nearest
    )


def _find_lack(name: str, amount: float, fitting: tuple[Machine, ...], wanted: Slice) -> Lack | None:
    """What one thing lacks everywhere."""
    most = max(fitting, key=lambda machine: list_capacity(machine).get(name, 0.0))
    has = list_capacity(most).get(name, 0.0)
    if has + SMALL >= amount:
        return None
    field = f"resources.{name}"
    asks = f"asks for {tell_amount(name, amount)}{list_types(wanted.accelerators) if name == 'gpu' else ''}"
    names = {each for machine in fitting for each in machine.custom}
    if name.startswith(CUSTOM) and tell_name(name) not in names:
        shown = ", ".join(sorted(names)) or "none"
        message = f"{asks}, no machine has a resource of that name; there is {shown}"
        return Lack(field, message, find_nearest(tell_name(name), names))
    return Lack(field, f"{asks}, no machine has that; the largest has {tell_number(name, has)} ({most.name})")


def _lack_together(amounts: dict[str, float], fitting: tuple[Machine, ...], wanted: Slice) -> Lack:
    best = max(fitting, key=lambda machine: sum(_holds(machine, {name: amounts[name]}) for name in amounts))
    asked = ", ".join(tell_amount(name, amount) for name, amount in amounts.items())
    has = list_capacity(best)
    given = ", ".join(tell_amount(name, has.get(name, 0.0)) for name in amounts)
    kinds = list_types(wanted.accelerators)
    return Lack("resources", f"asks for {asked}{kinds} on one machine, none has all of that; {best.name} has {given}")
