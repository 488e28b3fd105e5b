"""Read and write `model.json`, what is known of a model beside its weights."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from dix.errors import BadModel
from dix.frameworks.base import ModelCard

CARD_FILE = "model.json"


def write_card(folder: Path, card: ModelCard) -> None:
    """Write the card into the model folder."""
    text = TypeAdapter(ModelCard).dump_json(card, indent=2)
    (folder / CARD_FILE).write_bytes(text + b"\n")


def read_card(folder: Path) -> ModelCard:
    """The card of a model folder; raises BadModel when it is missing or not a card."""
    try:
        text = (folder / CARD_FILE).read_bytes()
    except FileNotFoundError as error:
        raise BadModel(str(folder), f"it has no {CARD_FILE}") from error
    return parse_card(str(folder), text)


def parse_card(uri: str, text: bytes) -> ModelCard:
    """The card that a `model.json` at `uri` holds; raises BadModel when it is not a card."""
    try:
        return TypeAdapter(ModelCard).validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadModel(uri, f"{CARD_FILE} is no model card: {where or 'text'}: {first['msg']}") from error


def check_answers(uri: str, format: str, loading: str) -> None:
    """Raises BadModel for what a script has left, which has a format: how it is asked is not known."""
    if not format:
        return
    runs = {"data": "", "code": ", and loading it runs code", "pickles": ", and loading it opens pickles"}
    what = f"a script has left it as {format}{runs.get(loading, '')}"
    raise BadModel(uri, f"{what}; DI-X answers with models of its own algorithms, so let a script read this one")
