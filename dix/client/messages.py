"""Reads server-sent events, line by line."""

from __future__ import annotations

import json
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
    """Puts messages together from the lines of a stream (WHATWG HTML, 9.2); comments are passed over."""

    def __init__(self) -> None:
        self._event = "message"
        self._data: list[str] = []
        self._id: str | None = None  # stays what it was for messages without one

    def feed(self, line: str) -> Message | None:
        """The message that ends with this line; ValueError for one that does not say JSON."""
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
