"""Who may go: a ledger of every machine's slots and every project's quotas, with a stated reason for every wait.

Pure: no Ray, no clock. One thread asks it, so nothing is given twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from dix.engine.amounts import list_amounts, list_counted
from dix.engine.claim import Claim
from dix.engine.impossible import find_lacks
from dix.engine.machines import Machine, Place
from dix.engine.messages import StepKey
from dix.engine.patience import Patience
from dix.engine.plan import Slice
from dix.engine.shelf import Shelf, Taken
from dix.engine.shortage import explain_shortage
from dix.engine.spread import explain_missing, spread_workers
from dix.quota.book import Holding, QuotaBook, Short
from dix.quota.reasons import explain_short


@dataclass(frozen=True, slots=True)
class Booking:
    """The slots that an attempt has, where, and on whose behalf."""

    wanted: Slice
    claim: Claim
    place: Place


class Trial:
    """Slots that are lifted for a moment."""

    def __init__(self, bookings: dict[StepKey, Booking], shelves: Mapping[str, Shelf], quotas: QuotaBook) -> None:
        self._bookings = bookings
        self._shelves = shelves
        self._quotas = quotas
        self._lifted: dict[StepKey, tuple[Booking, dict[str, Taken], Holding]] = {}

    def lift(self, key: StepKey) -> None:
        """As if they were free."""
        booking = self._bookings.pop(key)
        there = [name for name in booking.place.count_workers() if name in self._shelves]
        taken = {name: self._shelves[name].release(key) for name in there}
        self._lifted[key] = booking, taken, self._quotas.lift(key)

    def put_back(self, key: StepKey) -> None:
        """As they were, card by card."""
        booking, taken, holding = self._lifted.pop(key)
        self._bookings[key] = booking
        self._quotas.put_back(key, holding)
        for name, part in taken.items():
            self._shelves[name].put_back(key, part)

    def keep(self) -> None:
        """Those that are lifted stay free."""
        self._lifted.clear()

    def end(self) -> None:
        """All that are lifted and not kept so are put back."""
        for key in list(self._lifted):
            self.put_back(key)


class Admission:
    """Gives a step all its slots, or refuses; what is given exceeds neither a machine nor the quotas.

    One worker has its slots on one machine; several may lie on different ones.
    """

    def __init__(self, machines: Iterable[Machine], quotas: QuotaBook | None = None) -> None:
        """`machines` as the executor sees them now."""
        self.quotas = quotas or QuotaBook()
        self._bookings: dict[StepKey, Booking] = {}
        self._shelves: dict[str, Shelf] = {}
        self._able: dict[str, list[Shelf]] = {}  # by slice, until the cluster is another
        self._patience = Patience()
        self._refused: set[tuple[str, str]] = set()  # project and slice, since the last change that could make room
        self.resize(machines)

    def resize(self, machines: Iterable[Machine]) -> None:
        """The cluster has grown or shrunk. What is booked stays so, also on a machine that is gone, until released."""
        found = {machine.id: machine for machine in machines}
        if found == {name: shelf.machine for name, shelf in self._shelves.items()}:
            return
        self._shelves = {name: Shelf(machine) for name, machine in found.items()}
        self._able.clear()
        self._refused.clear()
        for key, booking in self._bookings.items():
            self._shelve(key, booking)

    def begin_round(self) -> None:
        """From here on steps are offered in the order of their turns, until the next round."""
        self._refused.clear()
        self._patience.begin()

    def admit(self, key: StepKey, wanted: Slice, claim: Claim) -> Place | None:
        """Take a step's slots, with the type of card it prefers first; None where there is no room."""
        asked = (claim.project, repr(wanted))
        if asked in self._refused:
            return None
        found = self._find_place(key, wanted, claim)
        if found is None:
            self._refused.add(asked)
            return None
        self.adopt(key, wanted, claim, found)
        self._patience.admit(key, claim, [self._shelves[name] for name in found.count_workers()], self.quotas)
        return found

    def adopt(self, key: StepKey, wanted: Slice, claim: Claim, place: Place) -> None:
        """An attempt has these slots, whether there is room or not: it runs there already."""
        self.release(key)
        self._bookings[key] = Booking(wanted, claim, place)
        self._shelve(key, self._bookings[key])
        counted = list_counted(wanted, place.accelerator)
        self.quotas.take(key, claim.project, claim.run, claim.priority, counted)

    def fits(self, key: StepKey, wanted: Slice, claim: Claim) -> bool:
        """Whether a step could have slots now, all of them its project's own."""
        place = self._search(key, wanted, claim)
        return place is not None and not self.quotas.would_borrow(
            claim.project, list_counted(wanted, place.accelerator)
        )

    @contextmanager
    def trying(self) -> Iterator[Trial]:
        """Slots can be lifted to see whether that helps; at the end all are as they were, unless they are kept so."""
        trial = Trial(self._bookings, self._shelves, self.quotas)
        try:
            yield trial
        finally:
            trial.end()
            self._refused.clear()

    def pass_on(self, key: StepKey, to: StepKey) -> bool:
        """The slots of an ended attempt go to another one of the same project and size; False when it has none."""
        if key not in self._bookings or to in self._bookings:
            return False
        booking = self._bookings[to] = self._bookings.pop(key)
        self.quotas.pass_on(key, to)
        for shelf in self._list_shelves(booking):
            shelf.pass_on(key, to)
        return True

    def release(self, key: StepKey) -> None:
        """Give the slots of a step back; a second time does nothing."""
        booking = self._bookings.pop(key, None)
        if booking is None:
            return
        self._refused.clear()
        self.quotas.release(key)
        for shelf in self._list_shelves(booking):
            shelf.release(key)

    def explain(self, wanted: Slice, claim: Claim, key: StepKey | None = None) -> str:
        """Why a step is not running yet, with names and numbers; `key` is its attempt, if it has one."""
        if key in self._bookings:
            where = self._bookings[key].place.machines
            who = "worker is" if wanted.workers == 1 else "workers are"
            return f"wants {wanted}; has its place on {where}, and its {who} starting"
        lacks = find_lacks(wanted, (shelf.machine for shelf in self._shelves.values()))
        if lacks:
            return lacks[0].message
        allowed, short = self._ask_quotas(wanted, claim)
        if not allowed and short is not None:
            return explain_short(self.quotas, short)
        if wanted.workers > 1:
            shortage = explain_missing(wanted, allowed, self._list_users)
        else:
            shortage = explain_shortage(wanted, allowed, self._list_users, is_part=short is not None)
        if shortage and short is not None:
            return f"{shortage}; and {explain_short(self.quotas, short)}"
        return shortage or self._tell_kept(wanted, claim, key, allowed) or f"wants {wanted}; it is its turn next"

    def _find_place(self, key: StepKey, wanted: Slice, claim: Claim) -> Place | None:
        """Where a step may go now; who may not is remembered."""
        place = self._search(key, wanted, claim)
        if place is None and self._list_able(wanted):
            allowed, short = self._ask_quotas(wanted, claim)
            self._patience.refuse(key, claim, wanted, None if allowed else short, self._shelves.values())
        return place

    def _search(self, key: StepKey, wanted: Slice, claim: Claim) -> Place | None:
        """The best machine, or machines, with the first type of card with which there is room."""
        allowed, _short = self._ask_quotas(wanted, claim)
        one = replace(wanted, workers=1)
        for accelerator in wanted.accelerators or (None,):
            fitting = [
                shelf
                for shelf in allowed
                if accelerator in {None, shelf.machine.accelerator}
                and not shelf.list_short(one)
                and self._find_keeper(key, wanted, claim, shelf) is None
            ]
            if wanted.workers > 1:
                place = spread_workers(wanted, fitting)
                if place is not None:
                    return place
            elif fitting:
                machine = min(fitting, key=lambda shelf: _leftover(shelf, wanted)).machine
                return Place(machine.name, machine.id, machine.accelerator if wanted.gpu else None)
        return None

    def _ask_quotas(self, wanted: Slice, claim: Claim) -> tuple[list[Shelf], Short | None]:
        """The machines that could hold it and on which the quotas allow it; why not on another one.

        On one where it would fit some day, if there is any.
        """
        answers: dict[str | None, Short | None] = {}
        allowed, refusal = [], None
        for shelf in self._list_able(wanted):
            kind = shelf.machine.accelerator
            if kind not in answers:
                answers[kind] = self.quotas.find_short(claim.project, list_counted(wanted, kind))
            if answers[kind] is None:
                allowed.append(shelf)
            short = answers[kind]
            if short is not None and (refusal is None or (refusal.is_never and not short.is_never)):
                refusal = short
        return allowed, refusal

    def _list_able(self, wanted: Slice) -> list[Shelf]:
        """The machines that could hold a worker if they had nothing else to do; remembered, since it is asked often."""
        name, one = repr(wanted), replace(wanted, workers=1)
        if name not in self._able:
            self._able[name] = [shelf for shelf in self._shelves.values() if not find_lacks(one, [shelf.machine])]
        return self._able[name]

    def _find_keeper(self, key: StepKey | None, wanted: Slice, claim: Claim, shelf: Shelf) -> str | None:
        """For whom the room is kept that this step would take."""
        counted = list_counted(wanted, shelf.machine.accelerator)
        rival = self._patience.find_rival(key, claim, counted, self.quotas)
        return rival or self._patience.find_keeper(key, shelf.machine.id)

    def _tell_kept(self, wanted: Slice, claim: Claim, key: StepKey | None, shelves: list[Shelf]) -> str | None:
        for shelf in shelves:
            keeper = self._find_keeper(key, wanted, claim, shelf)
            if keeper is not None and not shelf.list_short(replace(wanted, workers=1)):
                return f"room is kept for {keeper}, which {self._patience.count(keeper)} others have passed"
        return None

    def _list_users(self, name: str, machines: Iterable[str]) -> list[str]:
        """The attempts that have some of a thing on these machines."""
        ids = set(machines)
        return [
            str(key)
            for key, booking in self._bookings.items()
            if not ids.isdisjoint(booking.place.count_workers()) and name in list_amounts(booking.wanted)
        ]

    def _shelve(self, key: StepKey, booking: Booking) -> None:
        for name, count in booking.place.count_workers().items():
            if name in self._shelves:
                self._shelves[name].take(key, replace(booking.wanted, workers=count))

    def _list_shelves(self, booking: Booking) -> list[Shelf]:
        return [self._shelves[name] for name in booking.place.count_workers() if name in self._shelves]


def _leftover(shelf: Shelf, wanted: Slice) -> tuple[float, float, float]:
    """How much would be left: the fullest machine is filled first, and cards are kept for who wants them."""
    return (
        shelf.free("gpu") - wanted.gpu,
        shelf.free("cpu") - wanted.cpu,
        shelf.free("memory") - wanted.memory_bytes,
    )
