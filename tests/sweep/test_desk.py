"""What is asked for is checked whole, written down with all instances, and goes on as it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dix.errors import AlreadyExists, BadValue, Conflict, DixError, NotFound
from dix.records.run import RunFilter
from dix.records.states import Driver
from dix.records.sweep import Budget, Method, Mode, Objective, SweepState, Take
from dix.records.trial import TrialState
from tests.engine.conftest import wait_until
from tests.sweep.climber import Climber
from tests.sweep.conftest import HEIGHT, Yard

HELD, SUCCEEDED, FAILED = TrialState.HELD, TrialState.SUCCEEDED, TrialState.FAILED


def test_a_grid_is_previewed_made_whole_and_run(yard: Yard) -> None:
    sweep = yard.make("all", space={"x": "1..3", "seed": [0, 10]}, objectives=(HEIGHT,))
    preview = yard.desk.preview(sweep)
    assert yard.catalog.sweeps.list_open_sweeps() == ()
    yard.desk.create(sweep)
    trials = yard.trials("all")
    assert [trial.params for trial in trials] == list(preview.instances)
    assert len(trials) == 6
    runs = yard.catalog.runs.list_runs(RunFilter(origin="sweeps/all", driver=Driver.PARAMETER)).items
    assert len(runs) == 6
    done = yard.wait("all")
    assert (done.state, done.reason) == (SweepState.FINISHED, "all trials are over")
    assert [trial.values for trial in yard.trials("all")] == [(1.0,), (11.0,), (2.0,), (12.0,), (3.0,), (13.0,)]
    assert yard.catalog.limits.find_limit("sweeps/all") is None


def test_instances_that_wait_can_be_edited_put_first_and_left_out(yard: Yard) -> None:
    sweep = yard.make("held", space={"x": [1, 2, 3, 4]}, params={"kind": "waits"}, concurrency=1, objectives=(HEIGHT,))
    yard.desk.create(sweep)
    assert Climber.entered.acquire(timeout=20)
    yard.desk.edit_trial("held", 4, params={"x": 40.0})
    yard.desk.edit_trial("held", 3, place=0)
    yard.desk.skip_trial("held", 2)
    with pytest.raises(Conflict, match="trial 1 of sweep held is running, so it cannot be skipped"):
        yard.desk.skip_trial("held", 1)
    with pytest.raises(BadValue, match=r"params.x: expected a number"):
        yard.desk.edit_trial("held", 4, params={"x": "high"})
    Climber.opened.set()
    yard.wait("held")
    assert yard.states("held") == [SUCCEEDED, TrialState.SKIPPED, SUCCEEDED, SUCCEEDED]
    assert [x for x, _seed in Climber.began] == [1.0, 3.0, 40.0]
    assert yard.trials("held")[3].values == (40.0,)


def test_concurrency_can_be_changed_while_it_runs(yard: Yard) -> None:
    yard.desk.create(yard.make("live", space={"x": "1..6"}, params={"kind": "waits"}, concurrency=1))
    assert Climber.entered.acquire(timeout=20)
    let_in = RunFilter(origin="sweeps/live", held=False)
    assert len(yard.catalog.runs.list_runs(let_in).items) == 1
    yard.desk.change("live", lambda found: replace(found, concurrency=2), user="ana")
    wait_until(lambda: len(yard.catalog.runs.list_runs(let_in).items) == 2)
    Climber.opened.set()
    assert yard.wait("live").concurrency == 2


def test_a_sweep_that_is_paused_begins_nothing_until_it_is_resumed(yard: Yard) -> None:
    yard.desk.create(yard.make("still", space={"x": "1..4"}, params={"kind": "waits"}, concurrency=1))
    assert Climber.entered.acquire(timeout=20)
    paused = yard.desk.pause("still", user="ana")
    assert (paused.state, paused.reason) == (SweepState.PAUSED, "ana has paused it")
    Climber.opened.set()
    wait_until(lambda: yard.states("still") == [SUCCEEDED, HELD, HELD, HELD])
    with pytest.raises(Conflict):
        yard.desk.pause("still", user="ana")
    yard.desk.resume("still", user="ana")
    yard.wait("still")
    assert yard.states("still") == [SUCCEEDED] * 4


def test_a_sweep_that_is_stopped_goes_on_where_it_was_when_it_is_resumed(yard: Yard) -> None:
    yard.desk.create(yard.make("cut", space={"x": "1..3"}, params={"kind": "waits"}, concurrency=1))
    assert Climber.entered.acquire(timeout=20)
    stopped = yard.desk.stop("cut", user="ana")
    assert stopped.state is SweepState.STOPPED
    assert yard.states("cut") == [TrialState.CANCELLED] * 3
    with pytest.raises(Conflict, match="sweep cut is stopped, so it cannot be stopped"):
        yard.desk.stop("cut", user="ana")
    Climber.opened.set()
    yard.desk.resume("cut", user="ana")
    yard.wait("cut")
    assert yard.states("cut") == [SUCCEEDED] * 3
    assert len({run.run for trial in yard.trials("cut") for run in trial.runs}) == 6


def test_trials_can_be_added_to_a_sweep_that_is_over(yard: Yard) -> None:
    yard.do("more", space={"x": [1.0, 2.0]}, objectives=(HEIGHT,))
    yard.desk.add("more", [{"x": 7.0}, {"x": 8.0, "seed": 1}], user="ana")
    yard.wait("more")
    assert [(trial.number, trial.values, trial.origin) for trial in yard.trials("more")] == [
        (1, (1.0,), None),
        (2, (2.0,), None),
        (3, (7.0,), "user"),
        (4, (9.0,), "user"),
    ]
    with pytest.raises(BadValue, match=r"trial 1.y: expected a parameter of the flow"):
        yard.desk.add("more", [{"y": 1}], user="ana")


def test_a_list_runs_its_parameter_sets_without_any_objective(yard: Yard) -> None:
    yard.do("sets", Method.LIST, table=({"x": 1.5}, {"x": 2.5, "kind": "other"}))
    assert [trial.params for trial in yard.trials("sets")] == [{"x": 1.5}, {"x": 2.5, "kind": "other"}]
    assert yard.states("sets") == [SUCCEEDED] * 2


def test_failed_trials_are_tried_again_as_often_as_is_said(yard: Yard) -> None:
    yard.do("again", space={"kind": ["fails", "fails once"]}, retries=1, objectives=(HEIGHT,))
    first, second = yard.trials("again")
    assert (first.state, first.reason, first.values) == (FAILED, "climb: RuntimeError: it fell", ())
    assert (second.state, second.values, len(second.runs)) == (SUCCEEDED, (1.0,), 2)
    yard.desk.retry_trial("again", 1, user="ana")
    yard.wait("again")
    assert yard.states("again") == [FAILED, SUCCEEDED]
    with pytest.raises(Conflict, match="trial 2 of sweep again is succeeded, so it cannot be done again"):
        yard.desk.retry_trial("again", 2, user="ana")


def test_a_trial_without_its_number_is_flagged_and_three_of_them_pause_the_sweep(yard: Yard) -> None:
    yard.desk.create(
        yard.make("blind", space={"x": "1..8"}, params={"kind": "silent"}, concurrency=1, objectives=(HEIGHT,))
    )
    wait_until(lambda: yard.catalog.sweeps.get_sweep("blind").state is SweepState.PAUSED)
    assert yard.states("blind")[:3] == [TrialState.UNMEASURED] * 3
    assert yard.trials("blind")[0].reason == "it ended without climb.height"
    assert "its first 3 trials ended without climb.height" in (yard.catalog.sweeps.get_sweep("blind").reason or "")
    yard.desk.resume("blind", user="ana")
    yard.wait("blind")
    assert TrialState.UNMEASURED in yard.states("blind")


def test_replicates_are_judged_by_their_mean(yard: Yard) -> None:
    yard.do("mean", space={"x": [1.0, 2.0]}, replicates=3, seed=4, objectives=(HEIGHT,))
    assert sorted(Climber.began) == [(1.0, 4), (1.0, 5), (1.0, 6), (2.0, 4), (2.0, 5), (2.0, 6)]
    assert [trial.values for trial in yard.trials("mean")] == [(6.0,), (7.0,)]


def test_a_sweep_ends_when_nothing_better_has_come_for_a_while(yard: Yard) -> None:
    done = yard.do("tired", space={"x": "9..1 step -1"}, concurrency=1, patience=2, objectives=(HEIGHT,))
    assert done.reason == "2 trials in a row were no better than the best"
    assert yard.states("tired")[:3] == [SUCCEEDED] * 3
    assert TrialState.CANCELLED in yard.states("tired")


def test_a_sweep_ends_when_its_time_is_over(yard: Yard) -> None:
    sweep = yard.make("late", space={"x": "1..4"}, params={"kind": "waits"}, budget=Budget(time_s=0.5), concurrency=1)
    yard.desk.create(sweep)
    done = yard.wait("late")
    assert done.reason == "its time of 0.5 s is over"
    Climber.opened.set()


def test_a_random_sweep_draws_the_same_for_the_same_seed(yard: Yard) -> None:
    facts = {"space": {"x": {"float": [0.0, 1.0]}}, "budget": Budget(trials=5), "objectives": (HEIGHT,), "seed": 3}
    yard.do("one", Method.RANDOM, **facts)
    yard.do("two", Method.RANDOM, **facts)
    assert [trial.params for trial in yard.trials("one")] == [trial.params for trial in yard.trials("two")]
    assert len({trial.params["x"] for trial in yard.trials("one")}) == 5


def test_the_same_name_cannot_be_given_twice_and_a_sweep_that_is_over_can_be_forgotten(yard: Yard) -> None:
    yard.do("named", space={"x": [1.0]})
    with pytest.raises(AlreadyExists):
        yard.desk.create(yard.make("named", space={"x": [1.0]}))
    assert yard.catalog.sweeps.get_sweep("named").state is SweepState.FINISHED
    yard.desk.delete("named")
    with pytest.raises(NotFound):
        yard.desk.stop("named", user="ana")
    yard.do("named", space={"x": [2.0]})
    assert yard.states("named") == [SUCCEEDED]


WRONG = {
    "space: expected at most 10,000 combinations": {"space": {"x": "1..1000", "seed": "1..1000"}},
    "space.x: expected at most 10,000 values, got '10,000,000'": {"space": {"x": "1..10000000"}},
    "space.x: expected a range with a member": {"space": {"x": "3..1"}},
    "space.y: expected a parameter of the flow": {"space": {"y": [1]}},
    "space.x: expected values that can be counted for a grid": {"space": {"x": {"float": [0.0, 1.0]}}},
    "space.seed: expected a whole number": {"space": {"seed": ["a"]}},
    "space: expected at least one parameter": {},
    r"objective: expected a node that reports numbers, got 'clim \(no node": {
        "space": {"x": [1.0]},
        "objectives": (Objective("clim", "height"),),
    },
    "budget.trials: expected how many trials random shall make": {
        "method": Method.RANDOM,
        "space": {"x": {"float": [0.0, 1.0]}},
    },
    "objective: expected node.metric, which tpe goes by": {"method": Method.TPE, "space": {"x": [1.0]}},
    "options: expected an option of asha": {
        "method": Method.ASHA,
        "space": {"x": [1.0]},
        "objectives": (HEIGHT,),
        "options": {"grace": 1},
        "budget": Budget(trials=2),
    },
    "options.grace_period: expected at most max_t, 3": {
        "method": Method.ASHA,
        "space": {"x": [1.0]},
        "objectives": (HEIGHT,),
        "options": {"grace_period": 4, "max_t": 3},
        "budget": Budget(trials=2),
    },
    "objective: expected a step with `take: step`": {
        "space": {"x": [1.0]},
        "objectives": (Objective("climb", "height", Mode.MIN, Take.STEP),),
    },
    "params.x: expected a parameter that the sweep does not vary": {"space": {"x": [1.0]}, "params": {"x": 2.0}},
    "patience: expected one objective beside it": {"space": {"x": [1.0]}, "patience": 2},
    "table: expected at least one parameter set": {"method": Method.LIST},
    "table row 2.x: expected a number": {"method": Method.LIST, "table": ({"x": 1.0}, {"x": "a"})},
    "concurrency: expected a whole number from 1": {"space": {"x": [1.0]}, "concurrency": 0},
    "replicates: expected a whole number from 1": {"space": {"x": [1.0]}, "replicates": 0},
    "seed_param: expected a parameter of the flow": {"space": {"seed": [1]}, "replicates": 2},
    "priority: expected": {"space": {"x": [1.0]}, "priority": 10**6},
    "sweep name": {"space": {"x": [1.0]}, "name": "No Name"},
}


@pytest.mark.parametrize("sentence", WRONG)
def test_what_cannot_be_is_refused_in_one_sentence_and_nothing_is_made(yard: Yard, sentence: str) -> None:
    sweep = replace(yard.make("wrong"), **WRONG[sentence])
    for ask in (yard.desk.preview, yard.desk.create):
        with pytest.raises(DixError, match=sentence):
            ask(sweep)
    assert yard.catalog.runs.list_runs(RunFilter()).items == ()
    assert yard.catalog.limits.list_limits() == ()


def test_a_number_that_a_node_did_not_tell_before_is_refused(yard: Yard) -> None:
    yard.do("first", space={"x": [1.0]})
    with pytest.raises(BadValue, match=r"expected a number that climb reports \(height\), got 'heigth'; did you mean"):
        yard.desk.create(yard.make("second", space={"x": [1.0]}, objectives=(Objective("climb", "heigth"),)))
