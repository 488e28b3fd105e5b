"""Read and write `model.json`, what is known of a model beside its weights."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from dix.errors import BadModel
from dix.frameworks.base import ModelCard
from dix.names import is_model_reference, read_model_reference

CARD_FILE = "model.json"
# What says itself what it takes and gives, and the formats of those that are read without running any of it.
ANSWERING = frozenset({"keras", "savedmodel", "torch.export"})
_READ_ONLY = frozenset({"keras"})
_UNKNOWN = "how it is asked is not known"


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


def needs_trust(format: str, loading: str) -> bool:
    """Whether loading it could run code of whoever made it."""
    return bool(format) and (format not in _READ_ONLY or loading != "data")


def check_answers(uri: str, format: str, loading: str, *, trusted: bool = False) -> None:
    """Raises BadModel for what a script has left, which has a format, unless it can be asked and may be loaded."""
    if not format:
        return
    runs = {"code": ", and loading it runs code", "pickles": ", and loading it opens pickles"}
    what = f"a script has left it as {format}"
    if format not in ANSWERING:
        raise BadModel(uri, f"{what}{runs.get(loading, '')}; {_UNKNOWN}, so let a script read this one")
    if needs_trust(format, loading) and not trusted:
        named = read_model_reference(uri) if is_model_reference(uri) else None
        which = f"{named.model} {named.version}" if named is not None else "MODEL VERSION"
        todo = f"its owner or an administrator may allow that: dix models allow {which}"
        raise BadModel(uri, f"{what}, and loading it runs code; {todo}")
