"""The whole engine in one process: the example flow, on real digits."""

from __future__ import annotations

from pathlib import Path

from dix.data.digits import write_digits
from dix.records.states import RunState, StepState
from tests.engine.conftest import Workshop


def test_the_example_flow_trains_registers_scores_and_evaluates(workshop: Workshop, tmp_path: Path) -> None:
    write_digits(tmp_path / "digits")
    workshop.store.put(tmp_path / "digits", "digits")
    text = (Path(__file__).parents[2] / "examples/digits/flow.yaml").read_text()
    run = workshop.wait(workshop.start(text).id)
    steps = workshop.steps(run.id)
    print(steps)
    assert run.state is RunState.SUCCEEDED, run.error
    assert {step.state for step in steps.values()} == {StepState.SUCCEEDED}
    assert workshop.catalog.models.get_model("digits").version == 1
