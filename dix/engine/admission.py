"""Who may go: a ledger of every machine's slots, with a stated reason for every wait. Pure: no Ray, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dix.engine.amounts import list_amounts
from dix.engine.claim import Claim
from dix.engine.impossible import find_lacks, list_fitting
from dix.engine.machines import Machine, Place
from dix.engine.messages import StepKey
from dix.engine.plan import Slice
from dix.engine.shelf import Shelf
from dix.engine.shortage import explain_shortage


@dataclass(frozen=True, slots=True)
class Booking:
    """The slots that an attempt has, where, and on whose behalf."""

    wanted: Slice
    claim: Claim
    place: Place


class Admission:
    """Gives a step the slots of one machine, or refuses; what is given never exceeds what is there."""

    def __init__(self, machines: Iterable[Machine]) -> None:
        """`machines` as the executor sees them now."""
        self._bookings: dict[StepKey, Booking] = {}
        self._shelves: dict[str, Shelf] = {}
        self.resize(machines)

    def resize(self, machines: Iterable[Machine]) -> None:
        """The cluster has grown or shrunk. What is booked stays so, also on a machine that is gone, until released."""
        found = {machine.id: machine for machine in machines}
        if found == {name: shelf.machine for name, shelf in self._shelves.items()}:
            return
        self._shelves = {name: Shelf(machine) for name, machine in found.items()}
        for key, booking in self._bookings.items():
            self._book(key, booking)

    def admit(self, key: StepKey, wanted: Slice, claim: Claim) -> Place | None:
        """Take a step's slots on one machine, with the type of card it prefers first; None where there is no room."""
        for accelerator in wanted.accelerators or (None,):
            fitting = [
                shelf
                for shelf in self._shelves.values()
                if accelerator in {None, shelf.machine.accelerator} and not shelf.list_short(wanted)
            ]
            if fitting:
                machine = min(fitting, key=lambda shelf: _leftover(shelf, wanted)).machine
                place = Place(machine.name, machine.id, accelerator)
                self.adopt(key, wanted, claim, place)
                return place
        return None

    def adopt(self, key: StepKey, wanted: Slice, claim: Claim, place: Place) -> None:
        """An attempt has these slots, whether there is room or not: it runs there already."""
        self.release(key)
        self._bookings[key] = Booking(wanted, claim, place)
        self._book(key, self._bookings[key])

    def pass_on(self, key: StepKey, to: StepKey) -> bool:
        """The slots of an ended attempt go to another one of the same project and size; False when it has none."""
        if key not in self._bookings or to in self._bookings:
            return False
        booking = self._bookings[to] = self._bookings.pop(key)
        if booking.place.id in self._shelves:
            self._shelves[booking.place.id].pass_on(key, to)
        return True

    def release(self, key: StepKey) -> None:
        """Give the slots of a step back; a second time does nothing."""
        booking = self._bookings.pop(key, None)
        if booking is not None and booking.place.id in self._shelves:
            self._shelves[booking.place.id].release(key)

    def explain(self, wanted: Slice, claim: Claim, key: StepKey | None = None) -> str:  # noqa: ARG002 for quotas
        """Why a step is not running yet, with names and numbers; `key` is its attempt, if it has one."""
        if key in self._bookings:
            return f"wants {wanted}; has its place on {self._bookings[key].place.machine}, and its worker is starting"
        lacks = find_lacks(wanted, (shelf.machine for shelf in self._shelves.values()))
        if lacks:
            return lacks[0].message
        shelves = [shelf for shelf in self._shelves.values() if list_fitting(wanted, [shelf.machine])]
        shortage = explain_shortage(wanted, shelves, self._list_users)
        return shortage or f"wants {wanted}; there is room, and it is its turn next"

    def _list_users(self, name: str, machines: Iterable[str]) -> list[str]:
        """The attempts that have some of a thing on these machines."""
        ids = set(machines)
        return [
            str(key)
            for key, booking in self._bookings.items()
            if booking.place.id in ids and name in list_amounts(booking.wanted)
        ]

    def _book(self, key: StepKey, booking: Booking) -> None:
        if booking.place.id in self._shelves:
            self._shelves[booking.place.id].take(key, booking.wanted)


def _leftover(shelf: Shelf, wanted: Slice) -> tuple[float, float, float]:
    """How much would be left: the fullest machine is filled first, and cards are kept for who wants them."""
    return (
        shelf.free("gpu") - wanted.gpu,
        shelf.free("cpu") - wanted.cpu,
        shelf.free("memory") - wanted.memory_bytes,
    )
