"""Write an outcome into a card, and find it again."""

from __future__ import annotations

from typing import Any

from dix.errors import BadModel
from dix.frameworks.base import ModelCard
from dix.frameworks.described import describe_part, read_part
from dix.frameworks.outcomes.base import Outcome
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.outcomes.items import ItemsOutcome
from dix.frameworks.outcomes.numbers import NumbersOutcome

_KINDS: dict[str, type[Outcome]] = {kind.KIND: kind for kind in (ClassesOutcome, ItemsOutcome, NumbersOutcome)}


def describe_outcome(outcome: Outcome) -> dict[str, Any]:
    """The `outcome` of a model's card; labels stand in the card itself."""
    described = describe_part(outcome)
    described.pop("labels", None)
    return described


def read_outcome(uri: str, card: ModelCard) -> Outcome:
    """The outcome of a card that was read at `uri`; raises BadModel for one that is none."""
    labels = {"labels": card.labels} if card.labels else {}
    outcome = read_part(uri, "outcome", {**card.outcome, **labels}, _KINDS)
    if outcome.outputs != card.outputs:
        raise BadModel(uri, "its outputs are not those of its outcome")
    return outcome
