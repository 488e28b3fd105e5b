"""The SQL of a join of two tables called left and right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dix.data.query import Query, quote_name
from dix.errors import BadData

_LEFT, _RIGHT = '"left"', '"right"'


@dataclass(frozen=True, slots=True)
class JoinOrder:
    """`keys` must be equal; `how` is inner, left, full, semi or anti; `left` and `right` are the columns of each."""

    keys: tuple[str, ...]
    how: str
    suffix: str
    left: tuple[str, ...]
    right: tuple[str, ...]


def write_join(order: JoinOrder) -> str:
    """The query; raises BadData when a column with the suffix is there already."""
    if order.how in ("semi", "anti"):
        condition = _write_condition(order.keys)
        return f"SELECT l.* FROM {_LEFT} l {order.how.upper()} JOIN {_RIGHT} r ON {condition}"  # noqa: S608
    columns = [_write_left(name, order) for name in order.left]
    taken = set(order.left)
    for name in order.right:
        if name in order.keys:
            continue
        new = name + order.suffix if name in order.left else name
        if new in taken:
            raise BadData("suffix", f"there is already a column {new}", "choose another suffix")
        taken.add(new)
        columns.append(f"r.{quote_name(name)} AS {quote_name(new)}")
    return (
        f"SELECT {', '.join(columns)} FROM {_LEFT} l {order.how.upper()} JOIN {_RIGHT} r "  # noqa: S608
        f"ON {_write_condition(order.keys)}"
    )


def count_matched(query: Query, keys: Sequence[str]) -> dict[str, int]:
    """How many rows of each side have a partner on the other, and how many have none."""
    counts: dict[str, int] = {}
    condition = _write_condition(keys)
    for side, mine, other in (("left", _LEFT, _RIGHT), ("right", _RIGHT, _LEFT)):
        both = f"(SELECT count(*) FROM {mine} l SEMI JOIN {other} r ON {condition})"  # noqa: S608
        counted = query.ask_whole(f"SELECT {both} AS matched, (SELECT count(*) FROM {mine}) AS rows")  # noqa: S608
        (row,) = counted.to_pylist()
        counts[f"{side}_matched"] = int(row["matched"])
        counts[f"{side}_unmatched"] = int(row["rows"] - row["matched"])
    return counts


def _write_left(name: str, order: JoinOrder) -> str:
    quoted = quote_name(name)
    if name in order.keys and order.how == "full":
        return f"coalesce(l.{quoted}, r.{quoted}) AS {quoted}"
    return f"l.{quoted}"


def _write_condition(keys: Sequence[str]) -> str:
    return " AND ".join(f"l.{quote_name(key)} = r.{quote_name(key)}" for key in keys)
