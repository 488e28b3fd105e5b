"""Records of one kind as a table: a tuple that pandas, Arrow and notebooks understand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from dix.client.pictures.tables import write_table

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

RecordT_co = TypeVar("RecordT_co", covariant=True)


class Rows(tuple[RecordT_co, ...]):
    """Some records, in their order; what they hold inside has columns of its own, as `used.cpu_s`."""

    __slots__ = ()

    def to_dicts(self) -> list[dict[str, Any]]:
        """A flat dict for each record, all with the same keys."""
        return level(dict(_flatten(record)) for record in self)

    def to_arrow(self) -> pa.Table:
        """The records as an Arrow table."""
        return make_arrow(self.to_dicts())

    def to_pandas(self) -> pd.DataFrame:
        """The records as a pandas data frame."""
        return make_pandas(self.to_dicts())

    def _repr_html_(self) -> str:
        rows = self.to_dicts()
        names = [name for name in (rows[0] if rows else ()) if any(row[name] is not None for row in rows)]
        return write_table(names, [[row[name] for name in names] for row in rows])


def level(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with all their columns in each of them, in the order in which they first came."""
    found = list(rows)
    names = dict.fromkeys(name for row in found for name in row)
    return [{name: row.get(name) for name in names} for row in found]


def make_arrow(rows: list[dict[str, Any]]) -> pa.Table:
    """An Arrow table of rows that have the same columns; a column of mixed kinds becomes text."""
    import pyarrow as pa

    names = list(rows[0]) if rows else []
    columns = {name: [row[name] for row in rows] for name in names}
    arrays = {}
    for name, values in columns.items():
        try:
            arrays[name] = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            arrays[name] = pa.array([None if value is None else _write(value) for value in values], pa.string())
    return pa.table(arrays)


def make_pandas(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A data frame of rows that have the same columns, with the types that they have in Arrow."""
    import pandas as pd

    if not rows:
        return pd.DataFrame()
    return make_arrow(rows).to_pandas()  # type: ignore[no-any-return]  # pyarrow has no types


def _flatten(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, item in _list_parts(value):
        if is_dataclass(item) or isinstance(item, Mapping):
            yield from _flatten(item, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _simplify(item)


def _list_parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((str(name), item) for name, item in value.items())
    else:
        yield from ((field.name, getattr(value, field.name)) for field in fields(value) if field.repr)


def _simplify(item: Any) -> Any:
    if isinstance(item, Enum):
        return item.value
    return _write(item) if isinstance(item, list | tuple) else item


def _write(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
