"""An event: something that happened in a run, in the order in which it was written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """`seq` grows over the whole catalog, so a reader can go on from the last one it saw; 0 until it is written.

    `kind` is a state (`running`, `succeeded` ...) or `retrying`; `node` is None for the run itself.
    """

    run: str
    node: str | None
    attempt: int
    kind: str
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
