"""Slots are given out in order, up to the cluster's size; who waits is told why."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from dix.engine.admission import LOOKAHEAD, Admission, why_impossible
from dix.engine.messages import StepKey
from dix.engine.plan import Slice

GIB = 2**30
MACHINE = Slice(2, 1, 8 * GIB, {"fpga": 2})


def key(number: int) -> StepKey:
    return StepKey("r1", f"n{number}", 1)


def admit_all(admission: Admission, wanted: Slice, count: int, first: int = 0) -> int:
    return sum(admission.admit(key(first + i), wanted) for i in range(count))


def test_what_fits_is_admitted_and_a_short_queue_behind_it() -> None:
    assert admit_all(Admission([MACHINE]), Slice(1, 0, GIB), 1000) == 2 + LOOKAHEAD


def test_a_released_slot_goes_to_the_first_of_the_queue() -> None:
    admission = Admission([MACHINE])
    assert admit_all(admission, Slice(1, 0, GIB), 100) == 2 + LOOKAHEAD
    admission.release(key(0))
    assert admit_all(admission, Slice(1, 0, GIB), 100, first=200) == 1
    admission.release(key(0))
    assert admit_all(admission, Slice(1, 0, GIB), 100, first=400) == 0


def test_steps_in_the_queue_give_their_place_back_as_well() -> None:
    admission = Admission([MACHINE])
    admit_all(admission, Slice(1, 0, GIB), 100)
    admission.release(key(50))
    assert admit_all(admission, Slice(1, 0, GIB), 100, first=200) == 1


def test_fractions_add_up_to_the_whole() -> None:
    admission = Admission([Slice(1, 1, 100 * GIB)])
    wanted = Slice(0.1, 0.1, GIB)
    for _ in range(50):
        assert admit_all(admission, wanted, 10) == 10
        assert "handed to the cluster" not in admission.explain(wanted)
        for i in range(10):
            admission.release(key(i))
    assert "handed to the cluster" in admission.explain(Slice(1, 1, GIB))


def test_every_wait_has_a_reason_with_names_and_numbers() -> None:
    admission = Admission([MACHINE, MACHINE])
    for i in range(4):
        assert admission.admit(key(i), Slice(1, 0, GIB))
    assert admission.explain(Slice(1, 0, GIB)) == (
        "wants 1 cpu; of the cluster's 4 cpu 0 are free, the others go to r1.n0#1, r1.n1#1, r1.n2#1 and 1 more"
    )
    assert admission.admit(key(8), Slice(0, 1, GIB))
    assert admission.explain(Slice(0, 2, GIB)).startswith("asks for 0 cpu, 2 gpu and 1 GiB, no machine has that")
    assert admission.admit(key(9), Slice(0, 0.5, GIB))
    assert admission.explain(Slice(0, 1, GIB)) == (
        "wants 0 cpu, 1 gpu; of the cluster's 2 gpu 0.5 are free, the others go to r1.n8#1, r1.n9#1"
    )
    assert admission.explain(Slice(0, 0, GIB)) == "wants 0 cpu; handed to the cluster, which has not started it yet"


def test_memory_and_custom_resources_are_waited_for_too() -> None:
    admission = Admission([MACHINE])
    assert admission.admit(key(0), Slice(0.1, 0, 6 * GIB, {"fpga": 2}))
    assert "of the cluster's 8 GiB 2 GiB are free" in admission.explain(Slice(0.1, 0, 3 * GIB))
    assert "of the cluster's 2 fpga 0 are free" in admission.explain(Slice(0.1, 0, GIB, {"fpga": 1}))


def test_a_cluster_that_shrinks_below_a_step_is_the_reason() -> None:
    admission = Admission([MACHINE])
    admission.resize([Slice(1, 0, GIB)])
    assert admission.explain(Slice(2, 0, GIB)).startswith("asks for 2 cpu and 1 GiB, no machine has that")
    admission.resize([])
    assert admission.explain(Slice(1, 0, GIB)) == "the cluster has no machine"


def test_a_cluster_that_grows_takes_more() -> None:
    admission = Admission([MACHINE])
    assert admit_all(admission, Slice(1, 0, GIB), 100) == 2 + LOOKAHEAD
    admission.resize([MACHINE] * 4)
    assert admit_all(admission, Slice(1, 0, GIB), 100, first=200) == 6


def test_what_no_machine_has_is_impossible_even_if_all_together_have_it() -> None:
    assert why_impossible(Slice(3, 0, GIB), [MACHINE, MACHINE]) == (
        "asks for 3 cpu and 1 GiB, no machine has that; the largest has 2 cpu, 1 gpu, 2 fpga and 8 GiB"
    )
    assert why_impossible(Slice(2, 0, 9 * GIB), [MACHINE]) is not None
    assert why_impossible(Slice(1, 0, GIB, {"tpu": 1}), [MACHINE]) is not None
    assert why_impossible(Slice(2, 1, 8 * GIB, {"fpga": 2}), [MACHINE]) is None
    assert why_impossible(Slice(), []) == "the cluster has no machine"


@given(st.randoms(use_true_random=False), st.integers(1, 60))
def test_slots_are_never_given_twice_nor_lost(chance: random.Random, count: int) -> None:
    admission = Admission([MACHINE, MACHINE])
    sizes = [Slice(1, 0, GIB), Slice(0.5, 0.25, GIB), Slice(2, 1, 4 * GIB)]
    held: list[StepKey] = []
    for i in range(count):
        if admission.admit(key(i), chance.choice(sizes)):
            held.append(key(i))
        if held and chance.random() < 0.5:
            admission.release(held.pop(chance.randrange(len(held))))
        for name, used in admission._used.items():
            assert -1e-6 <= used <= admission._total[name] + 1e-6
    for one in held:
        admission.release(one)
    assert all(abs(used) < 1e-6 for used in admission._used.values())
    assert admit_all(admission, Slice(1, 0, GIB), 100) == 4 + LOOKAHEAD


def test_a_step_that_has_its_place_does_not_wait_for_itself() -> None:
    admission = Admission([Slice(1, 0, 8 * GIB)])
    first, second = StepKey("r", "first", 1), StepKey("r", "second", 1)
    assert admission.admit(first, Slice(1, 0, GIB))
    assert admission.admit(second, Slice(1, 0, GIB))
    assert admission.explain(Slice(1, 0, GIB), first) == "wants 1 cpu; has its place, and its worker is starting"
    assert "the others go to r.first#1" in admission.explain(Slice(1, 0, GIB), second)
    admission.release(first)
    assert "its worker is starting" in admission.explain(Slice(1, 0, GIB), second)
