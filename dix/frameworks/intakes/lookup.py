"""Write an intake into a card, and find it again."""

from __future__ import annotations

from typing import Any

from dix.errors import BadModel
from dix.frameworks.base import ModelCard
from dix.frameworks.described import describe_part, read_part
from dix.frameworks.intakes.base import Intake
from dix.frameworks.intakes.clips import ClipsIntake
from dix.frameworks.intakes.images import ImagesIntake
from dix.frameworks.intakes.sequences import SequencesIntake
from dix.frameworks.intakes.series import SeriesIntake
from dix.frameworks.intakes.speech import SpeechIntake
from dix.frameworks.intakes.table import TableIntake
from dix.frameworks.intakes.texts import TextsIntake
from dix.frameworks.intakes.users import UsersIntake

_KINDS: dict[str, type[Intake]] = {
    kind.KIND: kind
    for kind in (
        ClipsIntake,
        ImagesIntake,
        SequencesIntake,
        SeriesIntake,
        SpeechIntake,
        TableIntake,
        TextsIntake,
        UsersIntake,
    )
}


def describe_intake(intake: Intake) -> dict[str, Any]:
    """The `preprocessing` of a model's card."""
    return describe_part(intake)


def read_intake(uri: str, card: ModelCard) -> Intake:
    """The intake of a card that was read at `uri`; raises BadModel for one that is none."""
    intake = read_part(uri, "preprocessing", card.preprocessing, _KINDS)
    if intake.inputs != card.inputs:
        raise BadModel(uri, "its inputs are not those that its preprocessing takes")
    return intake
