"""Cursors of lists: the key of the last item of a page, as an opaque text."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TypeVar

from dix.errors import BadValue
from dix.records.page import Page

Key = tuple[int | float | str, ...]
Item = TypeVar("Item")

_LARGEST_PAGE = 1000
_LARGEST_NUMBER = 2**63 - 1


def check_limit(limit: int) -> int:
    """The limit itself; BadValue unless it is 1 to 1000."""
    if not 1 <= limit <= _LARGEST_PAGE:
        raise BadValue("limit", f"a number from 1 to {_LARGEST_PAGE}", limit)
    return limit


def make_cursor(key: Key) -> str:
    """The key as a text that can stand in an address."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: type) -> Key:
    """The key that `make_cursor` wrote, of these types; BadValue for a cursor that is not ours."""
    wrong = BadValue("cursor", "the next_cursor of an earlier page of the same list", cursor)
    try:
        key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise wrong from None
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise wrong
    if any(isinstance(part, int) and abs(part) > _LARGEST_NUMBER for part in key):
        raise wrong
    return tuple(key)


def make_page(items: list[Item], keys: list[Key], limit: int) -> Page[Item]:
    """A page of at most `limit` of the items, which were asked for with one more, to see whether another follows."""
    if len(items) <= limit:
        return Page(tuple(items))
    return Page(tuple(items[:limit]), make_cursor(keys[limit - 1]))
