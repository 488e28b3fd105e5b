"""The worse trials are stopped in the middle of their training, also by one who was told everything anew."""

from __future__ import annotations

from dix.records.moments import now
from dix.records.states import RunState
from dix.records.sweep import Budget, Method, Mode, Objective, SweepState
from dix.records.trial import Trial, TrialState
from dix.sweep.base import Fate
from dix.sweep.options import fill_options
from dix.sweep.tune_halting import AshaHalting, HyperbandHalting
from tests.engine.conftest import wait_until
from tests.sweep.climber import Climber
from tests.sweep.conftest import HEIGHT, Yard

OPTIONS = {"max_t": 8, "grace_period": 1, "reduction_factor": 2}


def make(objective: Objective = HEIGHT) -> AshaHalting:
    halting = AshaHalting(objective, 1, fill_options(Method.ASHA, OPTIONS))
    for number in range(1, 5):
        halting.add(Trial("s", number, {}, now()))
    return halting


def test_who_is_worse_at_a_rung_is_stopped() -> None:
    halting = make()
    assert halting.hear(1, 1, 5.0) == ()
    (verdict,) = halting.hear(2, 1, 3.0)
    assert (verdict.number, verdict.fate) == (2, Fate.STOP)
    assert halting.hear(3, 1, 6.0) == ()
    assert halting.hear(3, 8, 6.0) == ()


def test_the_least_is_the_best_where_the_objective_says_so() -> None:
    halting = make(Objective("climb", "height", Mode.MIN))
    assert halting.hear(1, 1, 3.0) == ()
    assert [verdict.fate for verdict in halting.hear(2, 1, 5.0)] == [Fate.STOP]


def test_one_that_was_told_anew_decides_as_the_one_before() -> None:
    first, second = make(), make()
    for halting in (first, second):
        halting.hear(1, 1, 5.0)
        halting.hear(3, 1, 7.0)
        halting.end(Trial("s", 1, {}, now(), TrialState.SUCCEEDED))
    assert first.hear(2, 1, 6.0) == second.hear(2, 1, 6.0)


def test_a_bad_trial_is_stopped_while_it_trains(yard: Yard) -> None:
    sweep = yard.make(
        "asha",
        Method.ASHA,
        space={"x": [9.0, 1.0]},
        params={"kind": "waits", "epochs": 4},
        objectives=(HEIGHT,),
        options={"search": "grid", **OPTIONS},
        budget=Budget(trials=2),
        concurrency=1,
    )
    yard.desk.create(sweep)
    assert Climber.entered.acquire(timeout=20)
    Climber.opened.set()
    Climber.opened.clear()
    assert Climber.entered.acquire(timeout=20)
    wait_until(lambda: yard.states("asha") == [TrialState.SUCCEEDED, TrialState.STOPPED])
    bad = yard.trials("asha")[1]
    assert bad.reason == "asha has stopped it: at 1 it had climb.height 0.25"
    assert bad.values == (0.25,)
    wait_until(lambda: yard.catalog.runs.get_run(bad.runs[0].run).state is RunState.CANCELLED)
    Climber.opened.set()
    assert yard.wait("asha").state is SweepState.FINISHED


def test_a_bracket_waits_for_all_of_its_trials_and_goes_on_with_the_better_ones() -> None:
    halting = HyperbandHalting(HEIGHT, fill_options(Method.HYPERBAND, {"max_t": 4, "reduction_factor": 2}))
    for number in range(1, 7):  # the first three are a bracket in which nobody waits
        halting.add(Trial("s", number, {}, now()))
    fates = {}
    for number, value in ((4, 1.0), (5, 2.0), (6, 3.0)):
        told = [verdict for position in (1, 2) for verdict in halting.hear(number, position, value)]
        fates |= {verdict.number: verdict.fate for verdict in told}
        assert halting.is_paused(number) == (number < 6)
    assert fates == {4: Fate.STOP, 5: Fate.GO_ON}


def test_a_sweep_by_hyperband_pauses_trials_and_ends_with_the_best(yard: Yard) -> None:
    done = yard.do(
        "bands",
        Method.HYPERBAND,
        space={"x": "1..6"},
        params={"epochs": 4},
        objectives=(HEIGHT,),
        options={"search": "grid", "max_t": 4, "reduction_factor": 2},
        concurrency=1,
    )
    states = yard.states("bands")
    assert done.reason == "all trials are over"
    assert set(states) <= {TrialState.SUCCEEDED, TrialState.STOPPED}
    best = max(yard.trials("bands"), key=lambda trial: trial.values)
    assert (best.state, best.params) == (TrialState.SUCCEEDED, {"x": 6})
