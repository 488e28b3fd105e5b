"""TPE finds better points than chance does, keeps to the space, and goes on where another process was cut off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dix.flow.text import read_flow
from dix.records.moments import now
from dix.records.sweep import Budget, Method, Mode, Objective
from dix.records.trial import Trial, TrialState
from dix.sweep.drawing import draw_point
from dix.sweep.space import Space, read_space
from dix.sweep.tune_search import TpeSearch
from tests.sweep.climber import FLOW
from tests.sweep.conftest import HEIGHT, Yard

LOW = (Objective("climb", "height", Mode.MIN),)


@pytest.fixture
def space() -> Space:
    given = {
        "x": {"float": [0.001, 1.0], "log": True},
        "kind": ["plain", "steep"],
        "epochs": {"int": [1, 9], "step": 2, "when": {"kind": "steep"}},
    }
    return read_space(given, read_flow(FLOW))


def height(params: dict[str, Any]) -> float:
    return abs(params["x"] - 0.02) + (abs(params["epochs"] - 5) / 20 if params["kind"] == "steep" else 0.3)


def end(number: int, params: dict[str, Any]) -> Trial:
    return Trial("s", number, params, now(), TrialState.SUCCEEDED, values=(height(params),))


def test_it_finds_better_points_than_chance_and_keeps_to_conditions_and_steps(space: Space) -> None:
    search = TpeSearch(space, LOW, 1, {})
    found = []
    for number in range(1, 41):
        params = search.suggest(number)
        assert params is not None
        assert space.has(params), params
        found.append(end(number, params))
        search.end(found[-1])
    drawn = [height(draw_point(space, 1, number)) for number in range(1, 41)]
    last = sorted(trial.values[0] for trial in found[20:])
    assert sum(last) / 20 < sum(drawn) / 40


def test_one_that_is_made_anew_repeats_nothing_and_knows_what_is_under_way(space: Space) -> None:
    first = TpeSearch(space, LOW, 1, {})
    trials = [end(number, first.suggest(number) or {}) for number in range(1, 6)]
    for trial in trials:
        first.end(trial)
    open_trial = replace(trials[0], number=6, params=first.suggest(6) or {}, state=TrialState.HELD, values=())
    second = TpeSearch(space, LOW, 1, {}, [*trials, open_trial])
    fresh = second.suggest(7)
    assert fresh not in [trial.params for trial in (*trials, open_trial)]
    second.end(replace(open_trial, state=TrialState.SUCCEEDED, values=(0.5,)))


def test_a_trial_that_failed_is_told_as_one(space: Space) -> None:
    search = TpeSearch(space, LOW, 1, {})
    for number in range(1, 15):
        params = search.suggest(number)
        search.end(Trial("s", number, params or {}, now(), TrialState.FAILED))


def test_two_objectives_are_searched_together(space: Space) -> None:
    search = TpeSearch(space, (*LOW, Objective("climb", "speed")), 1, {})
    for number in range(1, 15):
        params = search.suggest(number) or {}
        search.end(replace(end(number, params), values=(height(params), params["x"])))


def test_a_sweep_by_tpe_asks_for_as_many_as_may_run_and_uses_its_budget(yard: Yard) -> None:
    done = yard.do(
        "tpe",
        Method.TPE,
        space={"x": {"float": [0.0, 1.0]}},
        budget=Budget(trials=14),
        objectives=(HEIGHT,),
        concurrency=2,
        options={"n_startup_trials": 4},
    )
    values = [trial.values[0] for trial in yard.trials("tpe")]
    assert (done.reason, len(values)) == ("all trials are over", 14)
    assert max(values[7:]) > 0.8


def test_failed_trials_are_made_up_for_when_they_do_not_count(yard: Yard) -> None:
    facts = {"space": {"kind": ["plain", "fails once"]}, "budget": Budget(trials=6), "objectives": (HEIGHT,)}
    yard.do("counted", Method.TPE, **facts)
    assert yard.states("counted").count(TrialState.SUCCEEDED) == 5
    yard.do("made-up", Method.TPE, **facts, counts_failed=False, cache=False, params={"seed": 1})
    assert yard.states("made-up").count(TrialState.SUCCEEDED) == 6
