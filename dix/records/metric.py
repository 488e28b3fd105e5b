"""A metric point: one number that a step reported at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """`position` is where on the curve it lies (the epoch, from 1); `value` is a float, NaN and infinities included.

    `seq` grows over the whole catalog, so a reader can go on from the last one it saw; 0 until it is written.
    """

    run: str
    node: str
    attempt: int
    name: str
    position: int
    value: float
    at: datetime
    seq: int = field(default=0, compare=False)
