"""Looks into data over HTTP: its beginning, and what its columns hold, without moving it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from dix.api.data import Uri
from dix.api.parts import PartsHere
from dix.api.shapes import Answer, Plain
from dix.api.store_reach import StoreReachHere
from dix.data.columns_profile import ColumnProfile, profile_table
from dix.data.preview import MOST_ROWS, preview_data

router = APIRouter(prefix="/api/v1/data", tags=["data"])


class PreviewAnswer(Answer):
    """The beginning of data; for what has no columns, a row for each of the first files."""

    format: str
    files: int
    size_bytes: int
    columns: dict[str, str] = Field(description="The type of each column")
    rows: list[dict[str, Plain]] = Field(description="Long values are cut")
    is_whole: bool = Field(description="Whether there is no more")


class BinAnswer(Answer):
    """How many values lie from `low` to `high`, without it except in the last one."""

    low: float
    high: float
    count: int


class CommonAnswer(Answer):
    """A value that is there often."""

    value: Plain
    count: int


class ColumnAnswer(Answer):
    """What one column holds; null is what its type has no word for."""

    name: str
    type: str
    nulls: int
    distinct: int | None
    least: Plain
    most: Plain
    mean: float | None
    deviation: float | None
    histogram: list[BinAnswer]
    common: list[CommonAnswer]


class ProfileAnswer(Answer):
    """What the columns of a table hold."""

    format: str
    rows: int = Field(description="So many were looked at")
    is_whole: bool = Field(description="Whether these are all")
    columns: list[ColumnAnswer]


@router.get("/preview")
def preview(
    parts: PartsHere,
    reach: StoreReachHere,
    uri: Uri,
    rows: Annotated[int, Query(ge=1, le=MOST_ROWS, description="How many rows, lines or files")] = 20,
) -> PreviewAnswer:
    """The first rows of a table, lines of a text, or files of anything else, with what is known of each."""
    reach.check_read_whole(uri)
    return PreviewAnswer.model_validate(preview_data(parts.store, uri, rows))


@router.get("/profile")
def profile(parts: PartsHere, reach: StoreReachHere, uri: Uri) -> ProfileAnswer:
    """What each column of a table holds: missing and distinct values, extremes, mean, and how they spread."""
    reach.check_read_whole(uri)
    found = profile_table(parts.store, uri)
    columns = [_show(column) for column in found.columns]
    return ProfileAnswer(format=found.format, rows=found.rows, is_whole=found.is_whole, columns=columns)


def _show(column: ColumnProfile) -> ColumnAnswer:
    known = {name: getattr(column, name) for name in ColumnProfile.__dataclass_fields__ if name != "common"}
    known["histogram"] = [BinAnswer.model_validate(one) for one in column.histogram]
    return ColumnAnswer(**known, common=[CommonAnswer(value=value, count=count) for value, count in column.common])
