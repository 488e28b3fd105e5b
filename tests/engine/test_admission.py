"""Slots are given out machine by machine, never more than there are; who waits is told why."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from dix.engine.admission import Admission
from dix.engine.amounts import list_amounts, list_capacity
from dix.engine.claim import Claim
from dix.engine.impossible import find_lacks
from dix.engine.machines import Machine, Place
from dix.engine.messages import StepKey
from dix.engine.plan import Slice
from dix.quota.book import QuotaBook
from dix.records.moments import now
from dix.records.project import Project, Quota

GIB = 2**30
CLAIM = Claim("default", "r1")


def machine(
    number: int = 1, cpu: float = 2, gpu: float = 1, memory: int = 8, accelerator: str | None = None
) -> Machine:
    return Machine(f"node-{number}", f"m{number}", cpu, gpu, memory * GIB, None, {"fpga": 2}, accelerator)


def key(number: int) -> StepKey:
    return StepKey("r1", f"n{number}", 1)


def admit(admission: Admission, number: int, wanted: Slice) -> str | None:
    """The machine that it goes to."""
    place = admission.admit(key(number), wanted, CLAIM)
    return place.machine if place else None


def admit_all(admission: Admission, wanted: Slice, count: int, first: int = 0) -> int:
    return sum(admit(admission, first + i, wanted) is not None for i in range(count))


def test_what_fits_is_admitted_and_nothing_beyond_it() -> None:
    admission = Admission([machine(1), machine(2)])
    assert admit_all(admission, Slice(1, 0, GIB), 1000) == 4
    admission.release(key(0))
    assert admit_all(admission, Slice(1, 0, GIB), 100, first=1000) == 1
    admission.release(key(0))
    assert admit_all(admission, Slice(1, 0, GIB), 100, first=2000) == 0


def test_a_step_has_all_its_slots_on_one_machine() -> None:
    admission = Admission([machine(1), machine(2)])
    assert {admit(admission, 0, Slice(1.5, 0, GIB)), admit(admission, 1, Slice(1.5, 0, GIB))} == {"node-1", "node-2"}
    assert admit(admission, 2, Slice(1, 0, GIB)) is None, "a whole core is free, but on no machine"
    assert admission.explain(Slice(1, 0, GIB), CLAIM) == (
        "no machine has 1 free CPU; largest free: 0.5 on node-1; taken by r1.n0#1, r1.n1#1"
    )


def test_small_steps_fill_one_machine_first_and_leave_cards_alone() -> None:
    admission = Admission([machine(1, gpu=4, cpu=8), machine(2, gpu=0, cpu=4), machine(3, gpu=0, cpu=8)])
    assert [admit(admission, i, Slice(2, 0, GIB)) for i in range(6)] == ["node-2"] * 2 + ["node-3"] * 4
    assert admit(admission, 7, Slice(2, 0, GIB)) == "node-1"


def test_parts_of_a_card_come_from_one_card() -> None:
    admission = Admission([machine(1, cpu=8, gpu=2)])
    assert admit_all(admission, Slice(1, 0.6, GIB), 3) == 2
    assert "no machine has 0.6 free GPU; largest free: 0.4 on node-1" in admission.explain(Slice(1, 0.6, GIB), CLAIM)
    assert admit_all(admission, Slice(1, 0.4, GIB), 3, first=10) == 2
    admission.release(key(0))
    admission.release(key(10))
    assert admit(admission, 20, Slice(1, 1, GIB)) in {"node-1", None}


def test_a_whole_card_is_not_made_of_two_halves() -> None:
    admission = Admission([machine(1, cpu=8, gpu=2)])
    assert admit_all(admission, Slice(1, 0.7, GIB), 2) == 2
    admission.release(key(0))
    assert admit(admission, 3, Slice(1, 0.2, GIB)) == "node-1"  # on the card that is begun already
    assert admit(admission, 4, Slice(1, 1, GIB)) == "node-1"


def test_fractions_add_up_to_the_whole() -> None:
    admission = Admission([machine(1, cpu=1, memory=100)])
    for _ in range(50):
        assert admit_all(admission, Slice(0.1, 0.1, GIB), 11) == 10
        for i in range(10):
            admission.release(key(i))
    assert admit(admission, 0, Slice(1, 1, GIB)) == "node-1"


def test_the_preferred_type_of_card_is_taken_while_there_is_room() -> None:
    admission = Admission([machine(1, accelerator="A100"), machine(2, accelerator="H100"), machine(3)])
    wanted = Slice(1, 1, GIB, accelerators=("H100", "A100"))
    assert admission.admit(key(0), wanted, CLAIM) == Place("node-2", "m2", "H100")
    assert admission.admit(key(1), wanted, CLAIM) == Place("node-1", "m1", "A100")
    assert admission.admit(key(2), wanted, CLAIM) is None
    assert admission.explain(wanted, CLAIM) == (
        "no machine has 1 free GPU of type H100 or A100; largest free: 0 on node-1; taken by r1.n0#1, r1.n1#1"
    )
    assert admission.admit(key(3), Slice(1, 1, GIB), CLAIM) == Place("node-3", "m3", None)


def test_disk_memory_and_custom_resources_are_booked_too() -> None:
    admission = Admission([Machine("node-1", "m1", 8, 0, 8 * GIB, 100 * GIB, {"fpga": 2})])
    assert admit(admission, 0, Slice(0.1, 0, 6 * GIB, {"fpga": 2}, disk_bytes=60 * GIB)) == "node-1"
    assert admission.explain(Slice(1, 0, 3 * GIB), CLAIM) == (
        "no machine has 3 GiB free memory; largest free: 2 GiB on node-1; taken by r1.n0#1"
    )
    assert "no machine has 50 GiB free disk; largest free: 40 GiB" in admission.explain(
        Slice(1, 0, GIB, disk_bytes=50 * GIB), CLAIM
    )
    assert "no machine has 1 free fpga; largest free: 0" in admission.explain(Slice(1, 0, GIB, {"fpga": 1}), CLAIM)
    assert admit(admission, 1, Slice(1, 0, GIB)) == "node-1"


def test_a_disk_that_nobody_has_looked_at_is_no_limit() -> None:
    assert admit(Admission([machine()]), 0, Slice(1, 0, GIB, disk_bytes=2**60)) == "node-1"


def test_a_step_on_several_workers_takes_as_many_slices() -> None:
    admission = Admission([machine(cpu=4)])
    assert admit(admission, 0, Slice(1, 0, GIB, workers=3)) == "node-1"
    assert admit_all(admission, Slice(1, 0, GIB), 2, first=1) == 1


def test_what_is_free_in_parts_on_different_machines_is_said() -> None:
    admission = Admission([machine(1, cpu=2, gpu=1), machine(2, cpu=2, gpu=1)])
    admission.adopt(key(0), Slice(0, 1, GIB), CLAIM, Place("node-1", "m1"))
    admission.adopt(key(1), Slice(2, 0, GIB), CLAIM, Place("node-2", "m2"))
    assert admission.explain(Slice(1, 1, GIB), CLAIM) == (
        "no machine has 1 GPU, 1 CPU, 1 GiB memory free together; on node-1 there is no GPU free; taken by r1.n0#1"
    )


def test_a_step_that_has_its_place_does_not_wait_for_itself() -> None:
    admission = Admission([machine(cpu=1)])
    assert admit(admission, 0, Slice(1, 0, GIB)) == "node-1"
    assert admission.explain(Slice(1, 0, GIB), CLAIM, key(0)) == (
        "wants 1 cpu; has its place on node-1, and its worker is starting"
    )
    assert "taken by r1.n0#1" in admission.explain(Slice(1, 0, GIB), CLAIM, key(1))


def test_slots_are_passed_on_without_going_free() -> None:
    admission = Admission([machine(cpu=1)])
    assert admit(admission, 0, Slice(1, 0, GIB)) == "node-1"
    assert admission.pass_on(key(0), key(1))
    assert admit(admission, 2, Slice(1, 0, GIB)) is None
    admission.release(key(0))
    assert admit(admission, 2, Slice(1, 0, GIB)) is None
    assert not admission.pass_on(key(0), key(3))
    admission.release(key(1))
    assert admit(admission, 2, Slice(1, 0, GIB)) == "node-1"


def test_what_runs_already_is_taken_even_beyond_what_is_there() -> None:
    admission = Admission([machine(cpu=1, gpu=0)])
    for i in range(3):
        admission.adopt(key(i), Slice(1, 1, GIB), CLAIM, Place("node-1", "m1"))
    for i in range(2):
        admission.release(key(i))
    assert admit(admission, 5, Slice(1, 0, GIB)) is None
    admission.release(key(2))
    assert admit(admission, 5, Slice(1, 0, GIB)) == "node-1"


def test_a_cluster_that_grows_takes_more_and_one_that_shrinks_says_so() -> None:
    admission = Admission([machine(1)])
    assert admit_all(admission, Slice(1, 0, GIB), 100) == 2
    admission.resize([machine(1), machine(2)])
    assert admit_all(admission, Slice(1, 0, GIB), 100, first=200) == 2
    admission.resize([machine(2, cpu=1)])
    assert (
        admission.explain(Slice(2, 0, GIB), CLAIM) == "asks for 2 CPU, no machine has that; the largest has 1 (node-2)"
    )
    admission.release(key(200))
    assert admit(admission, 300, Slice(1, 0, GIB)) is None, "the machine that shrank is still over its size"
    admission.release(key(201))
    assert admit(admission, 300, Slice(1, 0, GIB)) == "node-2"
    admission.resize([])
    assert admission.explain(Slice(1, 0, GIB), CLAIM) == "the cluster has no machine"


SIZES = (
    Slice(1, 0, GIB),
    Slice(0.5, 0.25, GIB),
    Slice(2, 1, 4 * GIB),
    Slice(1, 2, GIB),
    Slice(0, 0.7, GIB, {"fpga": 1}),
    Slice(1, 1, GIB, accelerators=("H100", "A100")),
    Slice(1, 0, GIB, disk_bytes=40 * GIB),
)


def some_machine(chance: random.Random, number: int) -> Machine:
    gpu = chance.choice([0, 1, 2, 4])
    kind = chance.choice(["A100", "H100", None]) if gpu else None
    return Machine(f"node-{number}", f"m{number}", chance.choice([1, 2, 4]), gpu, 8 * GIB, 100 * GIB, {"fpga": 1}, kind)


@settings(deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 80))
def test_no_machine_is_ever_exceeded_and_what_is_free_can_be_had(chance: random.Random, count: int) -> None:
    machines = [some_machine(chance, i) for i in range(chance.randint(1, 4))]
    admission = Admission(machines)
    held: dict[StepKey, tuple[Slice, Place]] = {}
    for i in range(count):
        wanted = chance.choice(SIZES)
        place = admission.admit(key(i), wanted, CLAIM)
        if place is None:
            assert admission.explain(wanted, CLAIM, key(i)), "a wait without a reason"
        else:
            held[key(i)] = wanted, place
        if held and chance.random() < 0.4:
            gone = chance.choice(list(held))
            if chance.random() < 0.5:
                held[StepKey("r1", gone.node, gone.attempt + 1)] = held.pop(gone)
                assert admission.pass_on(gone, StepKey("r1", gone.node, gone.attempt + 1))
            else:
                del held[gone]
                admission.release(gone)
        if chance.random() < 0.1:  # the supervisor starts anew, and finds what runs
            admission = Admission(machines)
            for one, (taken, where) in held.items():
                admission.adopt(one, taken, CLAIM, where)
        _check_machines(machines, held)
    for one in held:
        admission.release(one)
    for wanted in SIZES:
        assert (not find_lacks(wanted, machines)) == (admission.admit(key(999), wanted, CLAIM) is not None)
        admission.release(key(999))


def _check_machines(machines: list[Machine], held: dict[StepKey, tuple[Slice, Place]]) -> None:
    for one in machines:
        used: dict[str, float] = {}
        for wanted, place in held.values():
            if place.id == one.id:
                assert not wanted.accelerators or one.accelerator in wanted.accelerators
                for name, amount in list_amounts(wanted).items():
                    used[name] = used.get(name, 0.0) + amount
        assert all(amount <= list_capacity(one).get(name, 0.0) + 1e-6 for name, amount in used.items()), used


def test_a_quota_for_a_type_of_card_sends_a_step_to_another_type() -> None:
    book = QuotaBook([Project("vision", now(), quotas={"gpu:H100": Quota(1)})])
    admission = Admission([machine(1, gpu=4, cpu=8, accelerator="H100"), machine(2, accelerator="A100")], book)
    claim, wanted = Claim("vision", "r1"), Slice(1, 1, GIB)
    places = [admission.admit(key(i), wanted, claim) for i in range(3)]
    assert [place and place.accelerator for place in places] == ["A100", "H100", None]
    assert book.list_used("vision") == {
        "gpu": 2,
        "cpu": 2,
        "memory": 2 * GIB,
        "steps": 2,
        "gpu:A100": 1,
        "gpu:H100": 1,
    }
    assert admission.explain(wanted, claim) == (
        "no machine has 1 free GPU of type A100; largest free: 0 on node-2; taken by r1.n0#1; and project vision uses "
        "1 of 1 GPU of type H100: run r1; goes on when one of them ends"
    )
    only = Slice(1, 1, GIB, accelerators=("H100",))
    assert admission.explain(only, claim) == (
        "project vision uses 1 of 1 GPU of type H100: run r1; goes on when one of them ends"
    )
    admission.release(key(1))
    assert book.used("vision", "gpu:H100") == 0
    assert admission.admit(key(4), only, claim) == Place("node-1", "m1", "H100")


def test_a_type_of_card_that_could_never_be_had_does_not_speak_for_one_that_could() -> None:
    machines = [machine(1, gpu=4, cpu=8, accelerator="H100"), machine(2, gpu=2, cpu=8, accelerator="A100")]
    quotas = {"gpu:H100": Quota(1), "gpu:A100": Quota(2)}
    admission = Admission(machines, QuotaBook([Project("vision", now(), quotas=quotas)]))
    claim = Claim("vision", "r1")
    small = Slice(1, 1, GIB, accelerators=("A100",))
    assert admission.admit(key(1), small, claim) is not None
    reason = admission.explain(Slice(1, 2, GIB, accelerators=("H100", "A100")), Claim("vision", "r2"))
    assert reason.startswith("project vision uses 1 of 2 GPU of type A100: run r1")


def test_a_machine_without_cards_does_not_speak_for_those_that_have_some() -> None:
    machines = [machine(1, accelerator="H100"), machine(2, gpu=0, cpu=64)]
    quotas = {"gpu:H100": Quota(1)}
    admission = Admission(machines, QuotaBook([Project("vision", now(), quotas=quotas)]))
    wanted, claim = Slice(1, 1, GIB), Claim("vision", "r1")
    assert admission.admit(key(0), wanted, claim)
    assert admission.explain(wanted, claim) == (
        "project vision uses 1 of 1 GPU of type H100: run r1; goes on when one of them ends"
    )


def test_both_reasons_are_told_where_one_type_is_taken_and_the_quota_of_another_is_short() -> None:
    machines = [machine(1, accelerator="A100"), machine(2, accelerator="H100")]
    quotas = {"gpu:H100": Quota(0)}
    admission = Admission(machines, QuotaBook([Project("vision", now(), quotas=quotas)]))
    wanted, claim = Slice(1, 1, GIB), Claim("vision", "r1")
    assert admission.admit(key(0), wanted, claim)
    assert admission.explain(wanted, claim) == (
        "no machine has 1 free GPU of type A100; largest free: 0 on node-1; taken by r1.n0#1; and asks for 1 GPU of "
        "type H100, and project vision may use 0; `dix projects quota vision` changes that"
    )
