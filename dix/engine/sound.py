"""Before a step is done: whether the outputs of an earlier one that the same went into are still what they were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dix.engine.messages import Candidate, StepOrder
from dix.errors import DixError
from dix.records.moments import now
from dix.records.step import Step
from dix.store.store import Store


@dataclass(frozen=True, slots=True)
class Sound:
    """The earlier step, if there is one; `why_run` says why none of those that there were will do."""

    since: datetime
    step: Step | None = None
    why_run: str | None = None


def find_sound(store: Store, order: StepOrder) -> Sound:
    """The first candidate of which every output is still there with the same content; never raises."""
    since, why = now(), None
    for candidate in order.candidates:
        flaw = _find_flaw(store, candidate)
        if flaw is None:
            return Sound(since, candidate.step)
        why = why or flaw
    return Sound(since, None, why)


def _find_flaw(store: Store, candidate: Candidate) -> str | None:
    step = candidate.step
    if not step.outputs or step.outputs.keys() != step.digests.keys():
        return f"what run {step.run} has left is not known well enough"
    for port, uri in candidate.places.items():
        try:
            found = store.find_digest(uri)
        except DixError as error:
            return f"the output {port} of run {step.run} cannot be looked at: {error}"
        if found is None:
            return f"the output {port} of run {step.run} is gone"
        if found != step.digests[port]:
            return f"the output {port} of run {step.run} is not what it was"
    return None
