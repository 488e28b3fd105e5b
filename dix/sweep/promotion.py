"""The model that a trial has made."""

from __future__ import annotations

from collections.abc import Sequence

from dix.errors import BadValue, NotFound
from dix.names import ModelReference, is_model_reference, read_model_reference
from dix.records.step import Step
from dix.records.sweep import Sweep
from dix.records.trial import Trial


def find_made(sweep: Sweep, trial: Trial, steps: Sequence[Step], node: str | None = None) -> ModelReference:
    """The version that a node of the trial's run has trained: the one that is named, or of the objective, or the only.

    Raises NotFound where none has, BadValue where several have and none is named.
    """
    made = {
        step.node: step.outputs["model"]
        for step in steps
        if "model" in step.outputs and is_model_reference(step.outputs["model"])
    }
    wanted = (
        [node] if node is not None else [objective.node for objective in sweep.objectives if objective.node in made]
    )
    if not wanted:
        wanted = list(made)
    if len(wanted) > 1:
        raise BadValue("node", f"one of {', '.join(wanted)}, which all have a model", "none")
    if not wanted or wanted[0] not in made:
        raise NotFound("model", f"of trial {trial.number} of sweep {sweep.name}")
    return read_model_reference(made[wanted[0]])
