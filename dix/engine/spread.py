"""Lays the workers of one step on as few machines as can hold them, and says what is missing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dix.engine.amounts import list_amounts, tell_name
from dix.engine.machines import Place
from dix.engine.plan import Slice
from dix.engine.shelf import Shelf

_SHOWN = 3


def spread_workers(wanted: Slice, shelves: Iterable[Shelf]) -> Place | None:
    """The places of all workers, or of none: None when there is not room for all of them with one type of card."""
    for group in _group(wanted, shelves):
        found = _spread_over(wanted, group)
        if found is not None:
            return found
    return None


def explain_missing(
    wanted: Slice, shelves: Sequence[Shelf], list_users: Callable[[str, Iterable[str]], list[str]]
) -> str | None:
    """How many workers there is room for now and what the others lack; None when there is room for all."""
    groups = _group(wanted, shelves)
    if not groups or any(_count(wanted, group) >= wanted.workers for group in groups):
        return None
    best = max(groups, key=lambda group: _count(wanted, group))
    rooms = [f"{room} on {shelf.machine.name}" for shelf in best if (room := shelf.count_room(wanted))]
    has = _count(wanted, best)
    shorts = list(dict.fromkeys(name for shelf in best for name in _list_lacking(wanted, shelf)))
    users = list(dict.fromkeys(user for name in shorts for user in list_users(name, [one.machine.id for one in best])))
    more = f" and {len(users) - _SHOWN} more" if len(users) > _SHOWN else ""
    taken = f"; taken by {', '.join(users[:_SHOWN])}{more}" if users else ""
    where = f" ({', '.join(rooms)})" if rooms else ""
    return (
        f"wants {wanted}, all at once; there is room for {has} of them{where}, "
        f"the rest lack {' and '.join(map(tell_name, shorts))}{taken}"
    )


def _group(wanted: Slice, shelves: Iterable[Shelf]) -> list[list[Shelf]]:
    """By type of card, where that matters: they work in step, and the slowest would hold up all."""
    groups: dict[str | None, list[Shelf]] = {}
    for shelf in shelves:
        groups.setdefault(shelf.machine.accelerator if wanted.gpu else None, []).append(shelf)
    return list(groups.values())


def _count(wanted: Slice, shelves: Sequence[Shelf]) -> int:
    return sum(shelf.count_room(wanted) for shelf in shelves)


def _spread_over(wanted: Slice, shelves: Sequence[Shelf]) -> Place | None:
    """The machines with most room first; of those that can hold the rest, the one with the least room."""
    if _count(wanted, shelves) < wanted.workers:
        return None
    places: list[Place] = []
    left = list(shelves)
    while missing := wanted.workers - len(places):
        rest = replace(wanted, workers=missing)
        rooms = [(shelf.count_room(rest), shelf) for shelf in left]
        most = max(room for room, _shelf in rooms)
        best = min((shelf for room, shelf in rooms if room == most), key=lambda shelf: _leftover(shelf, wanted))
        left.remove(best)
        machine = best.machine
        places += [Place(machine.name, machine.id, machine.accelerator if wanted.gpu else None)] * most
    return replace(places[0], crew=tuple(places[1:]))


def _leftover(shelf: Shelf, wanted: Slice) -> tuple[float, float]:
    return shelf.free("gpu") - wanted.gpu, shelf.free("cpu") - wanted.cpu


def _list_lacking(wanted: Slice, shelf: Shelf) -> list[str]:
    """What keeps one more worker from this machine."""
    short = shelf.list_short(replace(wanted, workers=min(shelf.count_room(wanted) + 1, wanted.workers)))
    return [name for name in list_amounts(wanted) if name in short]
