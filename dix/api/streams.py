"""Server-sent events: what a follower has not seen yet, as it comes, over one answer that stays open.

Who sends `Accept: text/event-stream` gets messages in place of a page. Each has an `id`; who comes back with it in
`Last-Event-ID` goes on after it. Where nothing happens, a comment goes out now and then so that nobody on the way
takes the line for dead. When nothing can come any more there is a message `end`, and the stream ends. It ends without
one when the caller may not see it any more.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Protocol

from fastapi import Header, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from dix.access.book import TokenBook
from dix.access.secret import read_bearer
from dix.errors import BadValue, DixError
from dix.records.caller import Caller
from dix.records.failure import to_problem

MEDIA = "text/event-stream"
KEEP_ALIVE_S = 15.0
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page; or, for who accepts text/event-stream, a message for each item as it comes",
        "content": {MEDIA: {"schema": {"type": "string"}, "example": 'id: 7\nevent: message\ndata: {"seq": 7}\n\n'}},
    }
}

LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="The id of the last message that was seen, of a stream")
]


@dataclass(frozen=True, slots=True)
class News:
    """What is new: items with the ids to go on after, and whether nothing can come any more."""

    items: tuple[tuple[str, BaseModel], ...]
    is_over: bool = False


class Source(Protocol):
    """What is followed; one for each follower, which remembers where it is."""

    async def read(self, caller: Caller) -> News | None:
        """What has come since it was last asked; None when the caller may not see it any more."""

    async def wait(self, timeout_s: float) -> bool:
        """Whether there may be something new, in time."""


def wants_stream(request: Request) -> bool:
    """Whether the caller asks for messages in place of a page."""
    return any(part.split(";")[0].strip() == MEDIA for part in request.headers.get("accept", "").split(","))


def read_last_id(text: str | None, after: int) -> int:
    """The number to go on after: that of the last message that was seen, if one is named."""
    if text is None or not text.strip():
        return after
    if not text.strip().isascii() or not text.strip().isdecimal() or len(text) > 19:
        raise BadValue("Last-Event-ID", "the id of a message of this stream, which is a number", text)
    return int(text)


def make_stream(request: Request, source: Source) -> StreamingResponse:
    """The answer that stays open."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_follow(source, partial(find_caller, request)), media_type=MEDIA, headers=headers)


async def find_caller(request: Request) -> Caller | None:
    """Who asks, as it is by now; None for one who may not come in any more."""
    book: TokenBook = request.app.state.book
    return await book.find_caller(read_bearer(request.headers.get("authorization", "").encode("latin-1", "replace")))


async def _follow(source: Source, find: Callable[[], Awaitable[Caller | None]]) -> AsyncIterator[str]:
    yield ": here\n\n"  # so that the head of the answer goes out at once
    try:
        while True:
            caller = await find()
            news = None if caller is None else await source.read(caller)
            if news is None:
                return
            for number, item in news.items:
                yield f"id: {number}\ndata: {item.model_dump_json(by_alias=True)}\n\n"
            if news.is_over:
                yield "event: end\ndata: {}\n\n"
                return
            if not news.items and not await source.wait(KEEP_ALIVE_S):
                yield ": nothing new\n\n"
    except DixError as error:
        yield f"event: problem\ndata: {json.dumps(to_problem(error))}\n\n"
