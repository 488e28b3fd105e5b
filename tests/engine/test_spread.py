"""The workers of a step lie on as few machines as possible, with one type of card; what is missing is said."""

from __future__ import annotations

import pytest

from dix.engine.admission import Admission
from dix.engine.impossible import find_lacks
from dix.engine.machines import Machine, Place
from dix.engine.plan import Slice
from dix.engine.shelf import Shelf
from dix.engine.spread import spread_workers
from tests.engine.test_admission import CLAIM, GIB, admit, key, machine


def spread(wanted: Slice, *machines: Machine) -> dict[str, int] | None:
    place = spread_workers(wanted, [Shelf(one) for one in machines])
    return None if place is None else place.count_workers()


@pytest.mark.parametrize(
    ("cpus", "workers", "places"),
    [
        ((2, 4, 3), 2, {"m1": 2}),
        ((1, 4, 3), 3, {"m3": 3}),
        ((1, 4, 3), 5, {"m2": 4, "m1": 1}),
        ((1, 4, 3), 8, {"m2": 4, "m3": 3, "m1": 1}),
        ((1, 4, 3), 9, None),
    ],
)
def test_as_few_machines_as_possible_are_taken_and_of_these_the_fullest(
    cpus: tuple[float, ...], workers: int, places: dict[str, int] | None
) -> None:
    machines = [machine(number, cpu, memory=80) for number, cpu in enumerate(cpus, 1)]
    assert spread(Slice(1, 0, GIB, workers=workers), *machines) == places


def test_all_workers_have_the_same_type_of_card() -> None:
    machines = [machine(1, 8, 1, 80, "A10"), machine(2, 8, 1, 80, "H100"), machine(3, 8, 2, 80, "H100")]
    assert spread(Slice(1, 1, GIB, workers=3), *machines) == {"m3": 2, "m2": 1}
    assert spread(Slice(1, 1, GIB, workers=4), *machines) is None
    [lack] = find_lacks(Slice(1, 1, GIB, workers=4), machines)
    assert lack.field == "resources.workers"
    assert lack.message == (
        "asks for 4 workers of 1 cpu, 1 gpu; the cluster has room for 3 such workers (1 on node-2, 2 on node-3)"
    )


def test_slots_on_all_machines_are_taken_and_given_back_together() -> None:
    admission = Admission([machine(1), machine(2)])
    place = admission.admit(key(0), Slice(1, 0, GIB, workers=3), CLAIM)
    assert place is not None
    assert (place.machines, place.count_workers()) == ("node-1, node-2", {"m1": 2, "m2": 1})
    assert [one.id for one in place.crew] == ["m1", "m2"]
    assert admission.pass_on(key(0), key(1))
    assert admit(admission, 2, Slice(1, 0, GIB)) == "node-2"
    assert admit(admission, 3, Slice(1, 0, GIB)) is None
    admission.release(key(1))
    assert admission.admit(key(4), Slice(1, 0, GIB, workers=3), CLAIM) is not None


def test_who_waits_for_all_is_told_how_many_have_room_and_what_the_rest_lack() -> None:
    admission = Admission([machine(1), machine(2)])
    admission.adopt(key(0), Slice(1, 0, GIB), CLAIM, Place("node-1", "m1"))
    wanted = Slice(1, 0, GIB, workers=4)
    assert admission.admit(key(1), wanted, CLAIM) is None
    assert admission.explain(wanted, CLAIM) == (
        "wants 4 workers of 1 cpu, all at once; there is room for 3 of them (1 on node-1, 2 on node-2), "
        "the rest lack CPU; taken by r1.n0#1"
    )


def test_slots_that_were_lifted_on_several_machines_are_put_back() -> None:
    admission = Admission([machine(1), machine(2)])
    wanted = Slice(1, 0, GIB, workers=4)
    assert admission.admit(key(0), wanted, CLAIM) is not None
    with admission.trying() as trial:
        trial.lift(key(0))
        assert admission.fits(key(1), wanted, CLAIM)
    assert not admission.fits(key(1), Slice(1, 0, GIB), CLAIM)


def test_machines_are_kept_for_workers_that_many_have_passed() -> None:
    admission = Admission([machine(1), machine(2)])
    wanted = Slice(2, 0, GIB, workers=2)
    admission.adopt(key(0), Slice(1, 0, GIB), CLAIM, Place("node-1", "m1"))
    passed = 0
    for number in range(1, 40):
        admission.begin_round()
        assert admission.admit(key(1000), wanted, CLAIM) is None
        if admit(admission, number, Slice(1, 0, GIB)) is None:
            break
        admission.release(key(number))
        passed += 1
    assert passed == 16
    admission.release(key(0))
    admission.begin_round()
    assert admission.admit(key(1000), wanted, CLAIM) is not None
