"""Reads server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MEDIA = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Message:
    """One message: what it is, the id to go on after, and what it says."""

    event: str
    id: str | None
    data: Any

    @property
    def is_end(self) -> bool:
        """Nothing can come any more."""
        return self.event == "end"


class MessageReader:
    """Puts messages together from the bytes of a stream (WHATWG HTML, 9.2); comments are passed over.

    A line ends with a line feed: what else Unicode takes for the end of a line may stand in a text.
    """

    def __init__(self) -> None:
        self._rest = b""  # the beginning of a line that has not ended yet
        self._event = "message"
        self._data: list[str] = []
        self._id: str | None = None  # stays what it was for messages without one

    def feed(self, piece: bytes) -> Iterator[Message]:
        """The messages that end in this piece; ValueError for one that does not say JSON."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            message = self._read_line(line.removesuffix(b"\r").decode())
            if message is not None:
                yield message

    def _read_line(self, line: str) -> Message | None:
        """The message that ends with this line, if one does."""
        if not line:
            return self._finish()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        return None

    def _finish(self) -> Message | None:
        event, data = self._event, self._data
        self._event, self._data = "message", []
        return Message(event, self._id, json.loads("\n".join(data))) if data else None
