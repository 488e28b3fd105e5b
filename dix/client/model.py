"""One version of a model, as the client has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dix.client.pictures.cards import draw_model
from dix.client.reading import read_record
from dix.records.model_version import ModelVersion


@dataclass(frozen=True, slots=True)
class ClientModel(ModelVersion):
    """One version of a model; a notebook shows its card."""

    def _repr_html_(self) -> str:
        return draw_model(self)


def read_model(document: Any) -> ClientModel:
    """The version that the API describes."""
    return read_record(ClientModel, document, model=document["name"])
