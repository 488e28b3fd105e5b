"""What the nodes of a flow may have, as keyword arguments; and Python's values as a document can hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from numbers import Integral, Real
from os import PathLike, fspath
from typing import Any, Literal, TypeAlias, TypedDict

from dix.errors import BadValue, NotFound
from dix.names import find_nearest

Quantity: TypeAlias = int | float | str


class Resources(TypedDict, total=False):
    """A node's slice: cores, cards, memory and disk, each times `workers`."""

    cpu: Quantity
    gpu: Quantity
    memory: Quantity
    disk: Quantity
    workers: Quantity
    accelerator: str | Sequence[str]
    custom: Mapping[str, Quantity]


class Retry(TypedDict, total=False):
    """The pause before a repeat, and how many times longer it gets each time."""

    wait: Quantity | timedelta
    backoff: float


class Wait(TypedDict, total=False):
    """How long a data node waits for its data, and how often it looks."""

    timeout: Quantity | timedelta
    every: Quantity | timedelta


class Defaults(TypedDict, total=False):
    """What nodes inherit where they say nothing."""

    resources: Resources
    retries: int
    retry: Retry
    timeout: Quantity | timedelta
    cache: bool
    env: Mapping[str, str]
    stage: Literal["copy", "uri"]
    bad_rows: float


class NodeFields(Defaults, total=False):
    """What every node may have."""

    title: str
    muted: bool
    secrets: Sequence[str]


class Layout(TypedDict, total=False):
    """The canvas: where nodes lie, notes and frames; no effect on runs."""

    nodes: Mapping[str, Sequence[float]]
    notes: Sequence[Mapping[str, Any]]
    frames: Sequence[Mapping[str, Any]]


def check_fields(where: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise NotFound for the first field that there is not, with the one that was probably meant."""
    names = tuple(known)
    for name in given:
        if name not in names:
            raise NotFound(f"field of {where}:", name, find_nearest(name, names))


def to_plain(where: str, value: Any) -> Any:
    """The value as a document holds it; numbers of numpy, tuples, paths, dates and lengths of time are converted.

    Raises BadValue for what no document can hold; `where` says which field it is.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_plain(f"{where}.{key}", item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = value if isinstance(value, list | tuple) else sorted(value, key=str)
        return [to_plain(f"{where}.{index}", item) for index, item in enumerate(items)]
    return _convert(where, value)


def _convert(where: str, value: Any) -> Any:
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, PathLike):
        return str(fspath(value))
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if type(value).__module__ == "numpy" and type(value).__name__ == "bool":
        return bool(value)
    raise BadValue(where, "text, a number, true, false, None, a list or a mapping", type(value).__name__)
