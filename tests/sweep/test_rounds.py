"""Whoever begins anew with what is written down goes on with every sweep, and repeats nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.records.sweep import Budget, Method, SweepState
from dix.records.trial import TrialState
from tests.engine.conftest import wait_until
from tests.sweep.climber import Climber, install
from tests.sweep.conftest import HEIGHT, open_yard


def test_a_search_that_was_cut_off_goes_on_and_repeats_nothing(
    tmp_path: Path, catalog: DirectCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    with open_yard(tmp_path, catalog) as first:
        sweep = first.make(
            "cut",
            Method.TPE,
            space={"x": {"float": [0.0, 1.0]}},
            objectives=(HEIGHT,),
            budget=Budget(trials=12),
            concurrency=1,
        )
        first.desk.create(sweep)
        wait_until(lambda: first.states("cut").count(TrialState.SUCCEEDED) >= 4)
    with open_yard(tmp_path, catalog) as second:
        assert second.wait("cut").state is SweepState.FINISHED
        trials = second.trials("cut")
    assert len(trials) == 12
    assert len({trial.params["x"] for trial in trials}) == 12
    assert all(len(trial.runs) == 1 for trial in trials)
    assert len(set(Climber.began)) == 12  # what the engine was cut off in, it has begun again


def test_a_sweep_that_cannot_go_on_ends_with_its_reason_and_the_others_go_on(
    tmp_path: Path, catalog: DirectCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch)
    with open_yard(tmp_path, catalog) as yard:
        broken = yard.make("broken", Method.RANDOM, space={"y": [1]}, budget=Budget(trials=3))
        catalog.sweeps.create_sweep(broken, ())
    with open_yard(tmp_path, catalog) as yard:
        found = yard.wait("broken")
        assert found.state is SweepState.STOPPED
        assert "it cannot go on: space.y: expected a parameter of the flow" in (found.reason or "")
        assert yard.do("sound", space={"x": [1.0]}).state is SweepState.FINISHED
