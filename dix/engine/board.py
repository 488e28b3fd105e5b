"""The board of one run: which step stands where, and what may go next. Pure: no Ray, no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dix.engine.plan import Plan, PlannedStep
from dix.records.states import RunState, StepState, step_is_done, step_is_over


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from a step's end: nodes that may go now, and nodes that never will, each with the reason."""

    ready: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


class Board:
    """The states of a run's steps, rebuilt from the plan and the step records at any time.

    The loop asks what may go next and says what happened; the board never changes a state that is over.
    """

    def __init__(self, plan: Plan, states: dict[str, StepState]) -> None:
        """`states` as they are remembered; a node that is not in it is pending."""
        self._steps = {step.node: step for step in plan.steps}
        self._states = {node: states.get(node, StepState.PENDING) for node in self._steps}
        self._downstream: dict[str, list[str]] = {node: [] for node in self._steps}
        self._missing: dict[str, int] = {}
        for step in plan.steps:
            upstream = _upstream(step)
            self._missing[step.node] = sum(not step_is_done(self._states[node]) for node in upstream)
            for node in upstream:
                self._downstream[node].append(step.node)
        self._open = sum(not step_is_over(state) for state in self._states.values())

    def open_moves(self) -> Consequences:
        """What is due when the run is taken up: at its start, and again after a crash."""
        ready, skipped = [], []
        for node, step in self._steps.items():
            if step_is_over(self._states[node]):
                continue
            reason = step.skip or self._dead_upstream(step)
            if reason is not None:
                skipped.append((node, reason))
                self._set(node, StepState.SKIPPED)
            elif not self._missing[node]:
                ready.append(node)
        return Consequences(tuple(ready), tuple(skipped))

    def end_step(self, node: str, state: StepState) -> Consequences:
        """A step is over in `state`; nothing follows when it was over before."""
        if step_is_over(self._states[node]):
            return Consequences()
        self._set(node, state)
        if step_is_done(state):
            return Consequences(ready=tuple(self._released_by(node)))
        return Consequences(skipped=tuple(self._skip_below(node)))

    def set_state(self, node: str, state: StepState) -> None:
        """A step goes on without being over (it waits, it runs)."""
        if not step_is_over(self._states[node]):
            self._states[node] = state

    def state(self, node: str) -> StepState:
        """Where a step stands."""
        return self._states[node]

    def open_nodes(self) -> tuple[str, ...]:
        """The nodes whose steps are not over, upstream first."""
        return tuple(node for node, state in self._states.items() if not step_is_over(state))

    def cancel(self) -> tuple[str, ...]:
        """Every step that is not over is cancelled; those nodes."""
        nodes = self.open_nodes()
        for node in nodes:
            self._set(node, StepState.CANCELLED)
        return nodes

    def is_over(self) -> bool:
        """Whether every step is over."""
        return self._open == 0

    def outcome(self) -> RunState:
        """What the run has come to, once it is over: cancelled when somebody asked for it, else failed by any step."""
        states = set(self._states.values())
        if StepState.CANCELLED in states:
            return RunState.CANCELLED
        return RunState.FAILED if StepState.FAILED in states else RunState.SUCCEEDED

    def _set(self, node: str, state: StepState) -> None:
        self._states[node] = state
        self._open -= step_is_over(state)

    def _released_by(self, node: str) -> Iterable[str]:
        for below in self._downstream[node]:
            self._missing[below] -= 1
            if not self._missing[below] and not step_is_over(self._states[below]):
                yield below

    def _skip_below(self, node: str) -> Iterable[tuple[str, str]]:
        heap = [node]
        while heap:
            above = heap.pop()
            for below in self._downstream[above]:
                if not step_is_over(self._states[below]):
                    self._set(below, StepState.SKIPPED)
                    heap.append(below)
                    yield below, _reason(above, self._states[above])

    def _dead_upstream(self, step: PlannedStep) -> str | None:
        for node in _upstream(step):
            state = self._states[node]
            if step_is_over(state) and not step_is_done(state):
                return _reason(node, state)
        return None


def _upstream(step: PlannedStep) -> tuple[str, ...]:
    """The nodes a step takes from, each once."""
    return tuple(dict.fromkeys(source.node for source in step.inputs.values()))


def _reason(node: str, state: StepState) -> str:
    verb = "was skipped" if state is StepState.SKIPPED else f"{'was ' if state is StepState.CANCELLED else ''}{state}"
    return f"its input {node} {verb}"
