"""What a document must still be to be changed: what was read of it, or its tag. The server compares it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from dix.errors import BadValue

ANY = "*"


class Tagged(Protocol):
    """A document that was read from the server."""

    @property
    def tag(self) -> str | None:
        """Another one for each change."""


# None: it is changed whatever it is by now; "*": whatever it is, but it must be there.
IfMatch: TypeAlias = str | Tagged | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A document and the tag that it had when it was read."""

    document: Any
    tag: str | None


def write_tag(if_match: IfMatch) -> str | None:
    """The header for what was read; raises BadValue for what cannot be a tag."""
    tag = if_match if if_match is None or isinstance(if_match, str) else if_match.tag
    if tag is None:
        return None
    bare = read_tag(tag) or ""
    if not bare or not bare.isascii() or not bare.isprintable() or set(bare) & {" ", '"'}:
        raise BadValue("if_match", "the tag of a document, or the document as it was read", tag)
    return ANY if bare == ANY else f'"{bare}"'


def read_tag(header: str | None) -> str | None:
    """The tag that an `ETag` says."""
    return None if header is None else header.strip().strip('"')
