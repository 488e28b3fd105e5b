"""What is taken of one machine, card by card. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace

from dix.engine.amounts import SMALL, list_amounts, list_capacity
from dix.engine.machines import Machine
from dix.engine.plan import Slice


@dataclass(frozen=True, slots=True)
class Taken:
    """What somebody has of a machine: amounts by name, and how much of which card."""

    amounts: Mapping[str, float] = field(default_factory=dict)
    cards: Mapping[int, float] = field(default_factory=dict)


class Shelf:
    """One machine's slots. Ray gives a part of a card from one card, and more than one card whole: so does this."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._has = list_capacity(machine)
        self._used: dict[str, float] = {}
        self._cards = _list_cards(machine)  # what is free of each
        self._taken: dict[Hashable, Taken] = {}

    def list_short(self, wanted: Slice) -> list[str]:
        """The names of what there is not enough of now; empty when the slice fits."""
        short = [name for name, amount in list_amounts(wanted).items() if amount > self.free(name) + SMALL]
        if wanted.gpu and "gpu" not in short and self._choose_cards(wanted) is None:
            short.insert(0, "gpu")
        return short

    def count_room(self, wanted: Slice) -> int:
        """How many workers of a step would fit now, of all that it has."""
        count = wanted.workers
        while count and self.list_short(replace(wanted, workers=count)):
            count -= 1
        return count

    def free(self, name: str) -> float:
        """How much is free; never less than nothing."""
        return max(0.0, self._has.get(name, 0.0) - self._used.get(name, 0.0))

    def largest_free_gpu(self, wanted: Slice) -> float:
        """The most cards that one worker could get here now: whole ones, or a part of one."""
        if wanted.gpu < 1:
            return max(self._cards, default=0.0)
        return float(sum(free > 1 - SMALL for free in self._cards)) or max(self._cards, default=0.0)

    def take(self, key: Hashable, wanted: Slice) -> None:
        """Take the slots, whether they are free or not: who asks first looks at `list_short`."""
        cards = self._choose_cards(wanted) or self._force_cards(wanted)
        self.put_back(key, Taken(list_amounts(wanted), cards))

    def put_back(self, key: Hashable, taken: Taken) -> None:
        """Take just these."""
        for name, amount in taken.amounts.items():
            self._used[name] = self._used.get(name, 0.0) + amount
        for card, amount in taken.cards.items():
            self._cards[card] -= amount
        self._taken[key] = taken

    def release(self, key: Hashable) -> Taken:
        """Give the slots of a step back, and tell which they were; a second time does nothing."""
        taken = self._taken.pop(key, Taken())
        for name, amount in taken.amounts.items():
            self._used[name] -= amount
        for card, amount in taken.cards.items():
            self._cards[card] += amount
        if not self._taken:  # no trace of what did not add up exactly
            self._used, self._cards = {}, _list_cards(self.machine)
        return taken

    def pass_on(self, key: Hashable, to: Hashable) -> None:
        """The slots of one are those of another from now on."""
        self._taken[to] = self._taken.pop(key)

    def _choose_cards(self, wanted: Slice) -> dict[int, float] | None:
        """How much of which cards; a part comes from the card with the least room for it, as in Ray."""
        free, chosen = list(self._cards), dict[int, float]()
        for amount in _list_parts(wanted):
            fitting = [card for card, left in enumerate(free) if left > amount - SMALL]
            if not fitting:
                return None
            card = min(fitting, key=free.__getitem__)
            free[card] -= amount
            chosen[card] = chosen.get(card, 0.0) + amount
        return chosen

    def _force_cards(self, wanted: Slice) -> dict[int, float]:
        """The same where there is no room: from the first card."""
        return {0: wanted.gpu * wanted.workers} if wanted.gpu and self._cards else {}


def _list_parts(wanted: Slice) -> list[float]:
    """What is wanted of single cards, one after the other."""
    each = [wanted.gpu] if wanted.gpu <= 1 else [1.0] * round(wanted.gpu)
    return each * wanted.workers if wanted.gpu else []


def _list_cards(machine: Machine) -> list[float]:
    whole, part = divmod(machine.gpu, 1)
    return [1.0] * int(whole) + ([part] if part else [])
