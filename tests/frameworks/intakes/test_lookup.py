"""An intake comes back from the card as it went in, and one that does not fit is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dix.errors import BadModel
from dix.frameworks.base import ModelCard, TensorSpec
from dix.frameworks.intakes.images import fit_images
from dix.frameworks.intakes.lookup import describe_intake, read_intake
from dix.frameworks.intakes.speech import SpeechIntake

IMAGES = fit_images(np.arange(40, dtype=np.uint8).reshape(2, 4, 5), resized=True)


def make_card(preprocessing: dict[str, Any], inputs: tuple[TensorSpec, ...] = IMAGES.inputs) -> ModelCard:
    return ModelCard("cnn", "torch", inputs, (), preprocessing=preprocessing)


def test_it_comes_back_as_it_was() -> None:
    assert read_intake("m", make_card(describe_intake(IMAGES))) == IMAGES
    speech = SpeechIntake(8000, 0.5, 2, mean=(0.0, 1.0), std=(1.0, 2.0))
    assert read_intake("m", make_card(describe_intake(speech), speech.inputs)) == speech


@pytest.mark.parametrize(
    ("card", "message"),
    [
        (make_card({}), "its preprocessing is of the kind None, known are "),
        (make_card(describe_intake(IMAGES) | {"scale": "wide"}), "preprocessing.scale: "),
        (
            make_card(describe_intake(IMAGES) | {"resize": None}),
            "its inputs are not those that its",
        ),
    ],
)
def test_what_does_not_fit_is_refused(card: ModelCard, message: str) -> None:
    with pytest.raises(BadModel, match=message):
        read_intake("m", card)
