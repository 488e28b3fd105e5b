"""Tags of documents: a short text for each state of a document, so that no edit overwrites another one unseen."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TypeAlias

from dix.errors import Changed
from dix.records.moments import to_text

# The tags of which a document has to have one to be changed; none: it must not be there; "*": any will do.
Expected: TypeAlias = frozenset[str]
ANY_TAG = "*"


def make_tag(*parts: object) -> str:
    """The tag of a document that these parts make up; the same wherever it was read from JSON again."""
    told = tuple(to_text(part) if isinstance(part, datetime) else part for part in parts)
    return hashlib.sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()[:20]


def check_tag(
    expected: Expected | None,
    kind: str,
    name: str,
    tag: str | None,
    *,
    by: str | None = None,
    at: datetime | None = None,
) -> None:
    """Raises Changed, with who changed the document when, unless it is as expected; None as its tag is no document."""
    if expected is None or (tag is None and not expected):
        return
    if tag is not None and (tag in expected or ANY_TAG in expected):
        return
    raise Changed(kind, name, by, to_text(at), tag)
