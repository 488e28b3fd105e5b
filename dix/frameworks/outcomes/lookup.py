"""Write an outcome into a card, and find it again."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from dix.errors import BadModel
from dix.frameworks.base import ModelCard
from dix.frameworks.outcomes.base import Outcome
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.outcomes.items import ItemsOutcome
from dix.frameworks.outcomes.numbers import NumbersOutcome

_KINDS: dict[str, type[Outcome]] = {kind.KIND: kind for kind in (ClassesOutcome, ItemsOutcome, NumbersOutcome)}


def describe_outcome(outcome: Outcome) -> dict[str, Any]:
    """The `outcome` of a model's card; labels stand in the card itself."""
    plain: dict[str, Any] = TypeAdapter(type(outcome)).dump_python(outcome, mode="json")
    plain.pop("labels", None)
    return {"kind": outcome.KIND, **plain}


def read_outcome(uri: str, card: ModelCard) -> Outcome:
    """The outcome of a card that was read at `uri`; raises BadModel for one that is none."""
    given = dict(card.outcome)
    kind = given.pop("kind", None)
    if kind not in _KINDS:
        raise BadModel(uri, f"its outcome is of the kind {kind!r}, known are {', '.join(sorted(_KINDS))}")
    if card.labels:
        given["labels"] = card.labels
    try:
        outcome = TypeAdapter(_KINDS[kind]).validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadModel(uri, f"outcome.{where}: {first['msg']}") from error
    if outcome.outputs != card.outputs:
        raise BadModel(uri, "its outputs are not those of its outcome")
    return outcome
