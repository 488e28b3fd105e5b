"""Every state has a look."""

from __future__ import annotations

from itertools import chain

import pytest

from dix.client.pictures.looks import LOOKS, State, get_look
from dix.records.endpoint import EndpointState
from dix.records.states import RunState, StepState
from ui.parts.badges import write_badge

STATES: list[State] = list(chain(RunState, StepState, EndpointState))


@pytest.mark.parametrize("state", STATES)
def test_a_state_has_a_look(state: State) -> None:
    assert get_look(state).line.startswith("#")
    assert state.value in write_badge(state)


def test_there_are_no_looks_without_a_state() -> None:
    assert set(LOOKS) == {state.value for state in STATES}
