"""Text files that are one text each."""

from __future__ import annotations

from dix.errors import BadData


def decode_text(content: bytes, uri: str) -> str:
    """The text of a file in UTF-8; raises BadData naming the file for another one."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadData(uri, f"byte {error.start} is not UTF-8", "save the file as UTF-8") from error
    if "\0" in text:
        raise BadData(uri, "the file holds zero bytes, so it is no text")
    return text
