"""ETag, If-Match and If-None-Match: what a document was when it was read, and that it must still be that.

A read says its tag in `ETag`. A change that names it in `If-Match` is refused with 412, and with who changed the
document when, if the document has another one by now; the catalog looks in the transaction that writes. A read that
names it in `If-None-Match` is answered 304, without the document, while it has not changed.

Some documents are shown with what changes beside them (a project with what it uses): a read's tag then has a second
part, after a dot, which a change does not look at.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dix.errors import BadValue
from dix.records.tag import ANY_TAG, Expected, make_tag

_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e]*)"\s*(?:,|$)')

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag that was read; 412 when the document has another one by now"),
]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", description="* to make it only if it is not there")]
IfNoneMatchRead = Annotated[
    str | None, Header(alias="If-None-Match", description="The ETag that was read; 304 while it has not changed")
]


async def _read_expected(if_match: IfMatch = None) -> Expected | None:
    return None if if_match is None else _read_tags("If-Match", if_match)


async def _read_expected_or_none(if_match: IfMatch = None, if_none_match: IfNoneMatch = None) -> Expected | None:
    if if_none_match is None:
        return await _read_expected(if_match)
    if if_none_match.strip() != ANY_TAG or if_match is not None:
        raise BadValue("If-None-Match", "* alone, to make what is not there", if_none_match)
    return frozenset()


async def _take_note(if_none_match: IfNoneMatchRead = None) -> None:
    """The header is heard by `NotModified`, for all reads; here it is declared."""


ExpectedHere = Annotated[Expected | None, Depends(_read_expected)]
ExpectedOrNoneHere = Annotated[Expected | None, Depends(_read_expected_or_none)]
Tagged = Depends(_take_note)


def set_tag(response: Response, tag: str, beside: object = None) -> None:
    """Say the tag of the document in an answer, which shows `beside` as well."""
    response.headers["ETag"] = f'"{tag}"' if beside is None else f'"{tag}.{make_tag(beside)}"'
    response.headers["Cache-Control"] = "private, no-cache"


class NotModified:
    """An ASGI wrapper that answers 304 in place of a document that the caller has already."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at what a read is answered, if it names what it has."""
        known = Headers(scope=scope).get("if-none-match") if scope["type"] == "http" else None
        if known is None or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _compare(send, known))


def _compare(send: Send, known: str) -> Send:
    is_same = False

    async def compared(message: Message) -> None:
        nonlocal is_same
        if message["type"] == "http.response.start" and message["status"] == 200:
            headers = MutableHeaders(scope=message)
            is_same = is_known(headers.get("etag"), known)
            if is_same:
                message["status"] = 304
                del headers["content-length"]
                del headers["content-type"]
        elif is_same:
            message = {**message, "body": b""}
        await send(message)

    return compared


def is_known(tag: str | None, known: str) -> bool:
    """Whether the tag of a document is among those of an If-None-Match."""
    if tag is None:
        return False
    return known.strip() == ANY_TAG or tag.strip('"') in {name for _weak, name in _TAG.findall(known)}


def _read_tags(field: str, text: str) -> Expected:
    """The tags of a header; weak ones are none of ours, and match nothing."""
    if text.strip() == ANY_TAG:
        return frozenset({ANY_TAG})
    if not re.fullmatch(rf"(?:{_TAG.pattern})+", text):
        raise BadValue(field, 'the ETag of an earlier answer, as "3-1f0c", or *', text)
    # Never an empty set, which would mean that there must be no document.
    return frozenset("weak" if weak else tag.partition(".")[0] for weak, tag in _TAG.findall(text))
