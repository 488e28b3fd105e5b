"""Lists that fit into memory, in pages and in an order that was asked for.

What is too long for that (runs, flows, models, events) the catalog divides; its cursors work the same way: a page
begins after the last item of the one before, so what is added meanwhile moves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query

from dix.api.shapes import Cursor
from dix.catalog.cursors import make_cursor, read_cursor
from dix.errors import BadValue
from dix.records.moments import to_text
from dix.records.name_filter import NameFilter
from dix.records.page import Page
from dix.records.sort import SortKey, check_sort, read_sort

Item = TypeVar("Item")
Getter = Callable[[Any], Any]
Fields = Mapping[str, Getter]

SORT = "What to sort by, with commas between and - before what shall go down: -created,name"
Sort = Annotated[str | None, Query(description=SORT)]
Search = Annotated[str | None, Query(description="Only what contains this text, in any case")]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of a list, in which order; without a limit all of it."""

    limit: int | None = None
    cursor: str | None = None
    sort: tuple[SortKey, ...] = ()


LimitOrAll = Annotated[int | None, Query(ge=1, le=1000, description="How many items a page has at most; else all")]


async def _read_asked(
    limit: LimitOrAll = None,
    cursor: Cursor = None,
    sort: Sort = None,
) -> Asked:
    return Asked(limit, cursor, read_sort(sort))


AskedHere = Annotated[Asked, Depends(_read_asked)]


async def _read_names(
    user: Annotated[str | None, Query(description="Who made the latest version")] = None,
    search: Search = None,
    sort: Sort = None,
) -> NameFilter:
    return NameFilter(user, search, read_sort(sort))


WantedNames = Annotated[NameFilter, Depends(_read_names)]


def make_page(items: Iterable[Item], fields: Fields, asked: Asked) -> Page[Item]:
    """The page of the items that was asked for; the first of the fields is another one for each item.

    Without an order they stay as they are. BadValue for a field that is not among these, and a cursor that is not ours.
    """
    check_sort(asked.sort, fields)
    name = ",".join(map(str, asked.sort))
    ordered = list(items)
    unique = next(iter(fields))
    for key in reversed((*asked.sort, SortKey(unique)) if asked.sort else ()):
        ordered.sort(key=_make_place(fields[key.field]), reverse=key.is_descending)
    begin = _find_begin(ordered, [fields[key.field] for key in asked.sort], fields[unique], asked, name)
    page = ordered[begin : None if asked.limit is None else begin + asked.limit]
    if begin + len(page) == len(ordered):
        return Page(tuple(page))
    values = [fields[key.field](page[-1]) for key in (*asked.sort, SortKey(unique))]
    return Page(tuple(page), make_cursor((name, json.dumps([_to_plain(value) for value in values]))))


def contains(search: str | None, *texts: str | None) -> bool:
    """Whether one of the texts contains what is searched for, in any case."""
    return search is None or any(search.casefold() in (text or "").casefold() for text in texts)


def _find_begin(
    ordered: Sequence[Item],
    sorted_by: list[Getter],
    unique: Getter,
    asked: Asked,
    name: str,
) -> int:
    """Where the page begins."""
    if asked.cursor is None:
        return 0
    given, text = read_cursor(asked.cursor, str, str)
    values = _read_values(str(text))
    if given != name or len(values) != len(sorted_by) + 1:
        raise BadValue("cursor", "the next_cursor of an earlier page in the same order", asked.cursor)
    place = [_to_rank(value) for value in values]
    keys = [*asked.sort, SortKey("")]
    for position, item in enumerate(ordered):
        own = [_make_place(field)(item) for field in (*sorted_by, unique)]
        if own == place:
            return position + 1
        if asked.sort and _comes_after(own, place, keys):
            return position
    return len(ordered)


def _comes_after(own: list[Any], place: list[Any], keys: list[SortKey]) -> bool:
    for mine, other, key in zip(own, place, keys, strict=True):
        if mine != other:
            return bool(mine < other if key.is_descending else mine > other)
    return False


def _read_values(text: str) -> list[Any]:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    return values if isinstance(values, list) else []


def _make_place(field: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda item: _to_rank(_to_plain(field(item)))


def _to_rank(value: Any) -> tuple[int, Any]:
    """Something that can be compared with its like: what is not there comes first, numbers come before text."""
    if value is None:
        return (0, 0)
    return (1, value) if isinstance(value, int | float) else (2, str(value))


def _to_plain(value: Any) -> Any:
    if isinstance(value, datetime):
        # Of one length, so that it sorts as time does.
        text = to_text(value) or ""
        return text if "." in text else text.replace("Z", ".000000Z")
    return value if value is None or isinstance(value, int | float) else str(value)
