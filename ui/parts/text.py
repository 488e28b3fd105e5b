"""Makes text of users fit to stand in markdown."""

from __future__ import annotations

import re

from dix.client.pictures.words import clean

_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: object) -> str:
    """The text as it is, for a place where markdown is read: each ASCII punctuation mark is escaped.

    Line ends become spaces; a heading, a list or a paragraph can not begin inside.
    """
    return _MARKDOWN.sub(r"\\\1", " ".join(clean(str(text)).split()))
