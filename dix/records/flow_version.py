"""A flow version: one fixed text of a flow document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """`text` is the document as it was given, `hash` the SHA-256 of its canonical text; versions count from 1."""

    flow: str
    version: int
    project: str
    text: str
    hash: str
    created: datetime
    description: str = ""
