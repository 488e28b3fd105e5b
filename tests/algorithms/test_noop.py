"""Nothing is done, and handed on."""

from __future__ import annotations

from dix.algorithms.noop import Noop
from tests.algorithms.conftest import RunStep


def test_the_input_is_handed_on(run_step: RunStep) -> None:
    ran = run_step(Noop(), {"data": "somewhere"})
    assert ran.result.uris == ran.context.inputs


def test_without_an_input_the_target_is_handed_on(run_step: RunStep) -> None:
    ran = run_step(Noop(), target="runs/1/noop")
    assert ran.result.uris == {"data": ran.context.target}
    assert not (ran.context.scratch / "outputs").exists()
