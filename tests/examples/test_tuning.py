"""The sweeps of `examples/tuning` are such as can be made, and the smallest of them finds the best of what it tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.client.sweep_body import make_body
from dix.data.digits import write_digits
from dix.flow.text import read_flow
from dix.flow.units import read_time
from dix.flow.yaml_reader import read_yaml
from dix.records.moments import now
from dix.records.sweep import Budget, Method, Mode, Objective, Sweep, SweepState, Take
from tests.sweep.conftest import Yard, open_yard

EXAMPLES = Path(__file__).parents[2] / "examples" / "tuning"
SWEEPS = sorted(path.stem for path in EXAMPLES.glob("*.yaml") if path.stem != "flow")


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    catalog = DirectCatalog(tmp_path / "catalog.duckdb")
    with open_yard(tmp_path, catalog) as yard:
        yard.push((EXAMPLES / "flow.yaml").read_text())
        yield yard
    catalog.close()


def read(name: str) -> Sweep:
    """The sweep of an example, as the API reads it."""
    body = make_body(read_yaml((EXAMPLES / f"{name}.yaml").read_text()).value)
    budget = body.pop("budget", {})
    facts = {field: body[field] for field in body if field not in {"objectives", "table", "method"}}
    return Sweep(
        **facts,
        flow_version=1,
        project="default",
        created=now(),
        method=Method(body["method"]),
        table=tuple(body.get("table", ())),
        budget=Budget(budget.get("trials"), read_time(budget["time"]) if "time" in budget else None),
        objectives=tuple(
            Objective(
                *one["number"].split(".", 1),
                Mode(one.get("mode", "max")),
                Take(one.get("take", "best")),
            )
            for one in body.get("objectives", ())
        ),
    )


@pytest.mark.parametrize("name", SWEEPS)
def test_it_can_be_made(yard: Yard, name: str) -> None:
    preview = yard.desk.preview(read(name))
    assert preview.estimate.flow == read_flow((EXAMPLES / "flow.yaml").read_text()).name
    assert len(preview.instances) in {0, 3, 4, 9}


def test_the_grid_trains_each_of_its_trials_and_knows_the_best(yard: Yard, tmp_path: Path) -> None:
    write_digits(tmp_path / "digits")
    yard.workshop.store.put(tmp_path / "digits", "digits")
    yard.desk.create(replace(read("grid"), params={"epochs": 1}))
    assert yard.wait("digits-grid", 110).state is SweepState.FINISHED
    values = [trial.values[0] for trial in yard.trials("digits-grid")]
    assert len(values) == 4
    assert max(values) > 0.7
