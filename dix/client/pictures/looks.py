"""How states look: the one place where they have colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from dix.records.endpoint import EndpointState
from dix.records.states import RunState, StepState

State: TypeAlias = RunState | StepState | EndpointState
Color: TypeAlias = Literal["red", "orange", "blue", "green", "violet", "gray"]


@dataclass(frozen=True, slots=True)
class Look:
    """A badge's colour, and the filling and the line of a node in that state."""

    color: Color
    fill: str
    line: str


GRAY = Look("gray", "#f1f3f6", "#8b95a5")
BLUE = Look("blue", "#e3ecff", "#2f5fd0")
GREEN = Look("green", "#e2f4e8", "#2c9553")
RED = Look("red", "#fde6e5", "#cf3a35")
ORANGE = Look("orange", "#fff2da", "#c9820f")
VIOLET = Look("violet", "#efe9fd", "#7353cf")

# Keyed by the word: a run, a step and an endpoint that have the same one look the same.
LOOKS: dict[str, Look] = {
    RunState.QUEUED: ORANGE,
    RunState.RUNNING: BLUE,
    RunState.SUCCEEDED: GREEN,
    RunState.FAILED: RED,
    RunState.CANCELLED: GRAY,
    StepState.PENDING: GRAY,
    StepState.WAITING: ORANGE,
    StepState.CACHED: VIOLET,
    StepState.SKIPPED: GRAY,
    EndpointState.STARTING: BLUE,
    EndpointState.READY: GREEN,
}


def get_look(state: State) -> Look:
    """How a state looks."""
    return LOOKS[state.value]
