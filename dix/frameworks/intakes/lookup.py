"""Write an intake into a card, and find it again."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from dix.errors import BadModel
from dix.frameworks.base import ModelCard
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
    plain: dict[str, Any] = TypeAdapter(type(intake)).dump_python(intake, mode="json")
    return {"kind": intake.KIND, **plain}


def read_intake(uri: str, card: ModelCard) -> Intake:
    """The intake of a card that was read at `uri`; raises BadModel for one that is none."""
    given = dict(card.preprocessing)
    kind = given.pop("kind", None)
    if kind not in _KINDS:
        raise BadModel(uri, f"its preprocessing is of the kind {kind!r}, known are {', '.join(sorted(_KINDS))}")
    try:
        intake = TypeAdapter(_KINDS[kind]).validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadModel(uri, f"preprocessing.{where}: {first['msg']}") from error
    if intake.inputs != card.inputs:
        raise BadModel(uri, "its inputs are not those that its preprocessing takes")
    return intake
