"""An outcome comes back from the card as it went in, and one that does not fit is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dix.errors import BadModel
from dix.frameworks.base import ModelCard
from dix.frameworks.outcomes.base import Outcome
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.outcomes.items import ItemsOutcome
from dix.frameworks.outcomes.lookup import describe_outcome, read_outcome
from dix.frameworks.outcomes.numbers import NumbersOutcome

CLASSES = ClassesOutcome(("a", "b"))
NUMBERS = NumbersOutcome("forecast", (1.0, 2.0), (0.5, 1.0))


def make_card(outcome: Outcome) -> ModelCard:
    labels = getattr(outcome, "labels", ())
    return ModelCard("cnn", "torch", (), outcome.outputs, labels, outcome=describe_outcome(outcome))


@pytest.mark.parametrize("outcome", [CLASSES, NUMBERS, ItemsOutcome(("a", "b", "c"), 2)])
def test_it_comes_back_as_it_was(outcome: Outcome) -> None:
    assert read_outcome("m", make_card(outcome)) == outcome


@pytest.mark.parametrize(
    ("card", "message"),
    [
        (replace(make_card(CLASSES), outcome={}), "its outcome is of the kind None, known are "),
        (replace(make_card(NUMBERS), outcome={"kind": "numbers", "name": 3}), "outcome.name: "),
        (replace(make_card(CLASSES), labels=("a", "b", "c")), "its outputs are not those of its outcome"),
    ],
)
def test_what_does_not_fit_is_refused(card: ModelCard, message: str) -> None:
    with pytest.raises(BadModel, match=message):
        read_outcome("m", card)
