"""Lists in an order that was asked for, in pages: the order in SQL, and the place after an item as a cursor.

A page begins after the last item of the one before, by its values, so what is added meanwhile moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dix.catalog.columns import Row
from dix.catalog.cursors import make_cursor, read_cursor
from dix.errors import BadValue
from dix.records.sort import SortKey, check_sort


@dataclass(frozen=True, slots=True)
class SortColumn:
    """What a field is in SQL; never NULL, so that every item has a place."""

    sql: str
    kind: type[int] | type[float] | type[str]


def text(column: str) -> SortColumn:
    """A column of text; what has none comes first."""
    return SortColumn(f"coalesce({column}, '')", str)


def number(column: str) -> SortColumn:
    """A column of whole numbers; what has none comes first."""
    return SortColumn(f"coalesce({column}, {1 - 2**63})", int)


@dataclass(frozen=True, slots=True)
class Sortable:
    """What a list can be sorted by; `unique` is another one for each item, and `default` the order of who asks none."""

    fields: Mapping[str, SortColumn]
    unique: str
    default: tuple[SortKey, ...]


class Order:
    """One order of a list; BadValue for a field that it cannot be sorted by."""

    def __init__(self, sortable: Sortable, sort: Sequence[SortKey] = ()) -> None:
        check_sort(sort, sortable.fields)
        keys = list(sort or sortable.default)
        if sortable.unique not in {key.field for key in keys}:
            keys.append(SortKey(sortable.unique, keys[-1].is_descending))
        self._name = ",".join(map(str, keys))
        self._columns = [(sortable.fields[key.field], key.is_descending) for key in keys]

    @property
    def columns(self) -> str:
        """What to select beside an item, at the end."""
        return ", ".join(column.sql for column, _down in self._columns)

    @property
    def sql(self) -> str:
        """What stands after ORDER BY."""
        return ", ".join(f"{column.sql} {'DESC' if down else 'ASC'}" for column, down in self._columns)

    def read_cursor(self, cursor: str, *before: type) -> tuple[tuple[Any, ...], str, list[Any]]:
        """The values before the place, the condition for what comes after it, and its values, which go by place."""
        kinds = [column.kind for column, _down in self._columns]
        name, *given = read_cursor(cursor, str, *before, *kinds)
        if name != self._name:
            raise BadValue("cursor", "the next_cursor of an earlier page in the same order", cursor)
        place = given[len(before) :]
        condition, values = "false", list[Any]()
        for (column, down), value in zip(reversed(self._columns), reversed(place), strict=True):
            sign = "<" if down else ">"
            condition = f"({column.sql} {sign} ? OR ({column.sql} = ? AND {condition}))"
            values = [value, value, *values]
        return tuple(given[: len(before)]), condition, values

    def make_cursor(self, row: Row, *before: int | str) -> str:
        """The place after an item, whose row ends with `columns`."""
        return make_cursor((self._name, *before, *row[-len(self._columns) :]))
