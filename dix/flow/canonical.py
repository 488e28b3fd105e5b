"""The canonical form of a flow document: equal documents, however they were written, have equal forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dix.errors import BadValue
from dix.flow.document import FlowDoc
from dix.flow.units import read_cores, read_memory, read_time

_RESOURCES: dict[str, Callable[[Any], float]] = {
    "cpu": read_cores,
    "gpu": read_cores,
    "memory": read_memory,
    "disk": read_memory,
}


def to_canonical(doc: FlowDoc) -> dict[str, Any]:
    """Plain values: defaults left out, quantities as numbers (templates and malformed ones as they are)."""
    whole: dict[str, Any] = doc.model_dump(mode="json", exclude_defaults=True)
    for part in (whole.get("defaults", {}), *whole["nodes"].values()):
        _settle(part)
    settle_layout(whole)
    return whole


def settle_layout(whole: dict[str, Any]) -> None:
    """Write the positions of nodes in one way."""
    layout = whole.get("layout", {}).get("nodes", {})
    for name, (x, y) in layout.items():
        layout[name] = [_shorten(x), _shorten(y)]


def _settle(part: dict[str, Any]) -> None:
    """Write each quantity of a node, or of the defaults, in one way."""
    resources = part.get("resources", {})
    for name, read in _RESOURCES.items():
        _replace(resources, name, read)
    custom = resources.get("custom") or {}
    for name in custom:
        _replace(custom, name, read_cores)
    _replace(part, "timeout", read_time)
    _replace(part.get("retry") or {}, "wait", read_time)
    for name in ("timeout", "every"):
        _replace(part.get("wait") or {}, name, read_time)
    for fields, name in ((part, "bad_rows"), (part.get("retry") or {}, "backoff")):
        if name in fields:
            fields[name] = _shorten(fields[name])


def _replace(fields: dict[str, Any], name: str, read: Callable[[Any], float]) -> None:
    if fields.get(name) is None:
        return
    try:
        fields[name] = _shorten(read(fields[name]))
    except BadValue:
        return  # a template, or a problem that check_flow tells


def _shorten(number: float | None) -> float | int | None:
    """2.0 as 2: for fields that hold numbers only, where the two mean the same."""
    return int(number) if number is not None and number == int(number) else number
