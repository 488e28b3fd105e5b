"""Makes the request for a sweep out of what people write: a document, or arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dix.errors import BadValue
from dix.names import find_nearest

# What a sweep's document may have; `objective` is one of `objectives`, or several.
FIELDS = (
    "name",
    "flow",
    "version",
    "project",
    "description",
    "method",
    "space",
    "table",
    "csv",
    "params",
    "objective",
    "objectives",
    "options",
    "budget",
    "concurrency",
    "patience",
    "seed",
    "replicates",
    "seed_param",
    "retries",
    "counts_failed",
    "priority",
    "cache",
)


def make_body(document: Mapping[str, Any]) -> dict[str, Any]:
    """The body of the request; raises BadValue for a field that there is not."""
    for name in document:
        if name not in FIELDS:
            nearest = find_nearest(str(name), FIELDS)
            todo = f"did you mean {nearest}?" if nearest else ""
            raise BadValue("sweep", f"fields among {', '.join(FIELDS)}", str(name), todo)
    body = {name: value for name, value in document.items() if value is not None and name != "objective"}
    if document.get("objective") is not None:
        body["objectives"] = list_objectives(document["objective"])
    return body


def list_objectives(given: Any) -> list[dict[str, Any]]:
    """`cnn.loss:min:last`, a mapping with `number`, or a list of those, as the server takes them."""
    parts: Sequence[Any] = given if isinstance(given, list | tuple) else [given]
    return [_read_objective(part) if isinstance(part, str) else dict(part) for part in parts]


def _read_objective(text: str) -> dict[str, Any]:
    number, *words = text.split(":")
    found: dict[str, Any] = {"number": number}
    for word in words:
        if word in {"min", "max"}:
            found["mode"] = word
        elif word in {"best", "last"}:
            found["take"] = word
        elif word.isdecimal():
            found |= {"take": "step", "step": int(word)}
        else:
            raise BadValue("objective", "node.metric, perhaps with :min or :max, and :best, :last or :STEP", text)
    return found
