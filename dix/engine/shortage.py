"""Which thing the machines have not enough of now, and who has it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dix.engine.amounts import SMALL, list_amounts, list_types, tell_amount, tell_name, tell_number
from dix.engine.plan import Slice
from dix.engine.shelf import Shelf

_SHOWN = 3


def explain_shortage(
    wanted: Slice,
    shelves: Sequence[Shelf],
    list_users: Callable[[str, Iterable[str]], list[str]],
    *,
    is_part: bool = False,
) -> str | None:
    """Why a slice that some machine could hold fits on none now, None when it does; `list_users` says who has what.

    With `is_part`, there are others, which may have it: it is said of what types of card these are.
    """
    kinds = {shelf.machine.accelerator for shelf in shelves} if is_part else set[str | None]()
    types = tuple(sorted(kind for kind in kinds if kind is not None)) or wanted.accelerators
    shorts = {shelf.machine.id: shelf.list_short(wanted) for shelf in shelves}
    if not all(shorts.values()):
        return None
    for name in list_amounts(wanted):
        if all(name in short for short in shorts.values()):
            return _tell_short(name, wanted, shelves, types) + _tell_users(list_users(name, shorts))
    nearest = min(shelves, key=lambda shelf: len(shorts[shelf.machine.id]))
    short = shorts[nearest.machine.id][0]
    asked = ", ".join(tell_amount(name, amount) for name, amount in list_amounts(wanted).items())
    users = _tell_users(list_users(short, [nearest.machine.id]))
    return f"no machine has {asked} free together; on {nearest.machine.name} {_tell_free(short, nearest)}{users}"


def _tell_short(name: str, wanted: Slice, shelves: Sequence[Shelf], types: tuple[str, ...]) -> str:
    most = max(shelves, key=lambda shelf: _free_for_one(shelf, name, wanted))
    free = _free_for_one(most, name, wanted)
    kinds = list_types(types) if name == "gpu" else ""
    asked = tell_amount(name, list_amounts(wanted)[name], "free")
    return f"no machine has {asked}{kinds}; largest free: {tell_number(name, free)} on {most.machine.name}"


def _tell_free(name: str, shelf: Shelf) -> str:
    free = shelf.free(name)
    return f"there is no {tell_name(name)} free" if free < SMALL else f"only {tell_amount(name, free)} is free"


def _tell_users(users: list[str]) -> str:
    more = f" and {len(users) - _SHOWN} more" if len(users) > _SHOWN else ""
    return f"; taken by {', '.join(users[:_SHOWN])}{more}" if users else ""


def _free_for_one(shelf: Shelf, name: str, wanted: Slice) -> float:
    return shelf.largest_free_gpu(wanted) if name == "gpu" else shelf.free(name)
