"""Records as bytes, also when they get a field after they were packed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dix.catalog.parcels import pack, unpack
from dix.records.states import StepState
from tests.catalog import test_parcels as here
from tests.contracts.catalog_records import change, move, start


@dataclass(frozen=True, slots=True)
class Older:
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Newer:
    note: str = "none"
    count: int = 0
    name: str = ""


def test_record_comes_back_as_it_was() -> None:
    moves = change(start(), move(StepState.PENDING, StepState.RUNNING, metrics={"loss": 0.5}, reason="ä\x00"))
    assert unpack(pack(moves)) == moves


def test_field_that_came_later_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    parcel = pack((Older("a", 2),))
    monkeypatch.setattr(here, "Older", Newer)
    assert unpack(parcel) == (Newer("none", 2, "a"),)
