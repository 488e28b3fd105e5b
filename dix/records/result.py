"""A result: a step that succeeded once, with the recipe that it was made by."""

from __future__ import annotations

from dataclasses import dataclass

from dix.records.recipe import Recipe
from dix.records.step import Step


@dataclass(frozen=True, slots=True)
class Result:
    """What an earlier run has left, for a later one to use."""

    step: Step
    recipe: Recipe
