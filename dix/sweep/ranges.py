"""Ranges, as `1..10 step 2`: what they hold is counted before anything is made of them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"\s*(?P<first>{_NUMBER})\s*\.\.\s*(?P<last>{_NUMBER})(?:\s*step\s*(?P<step>{_NUMBER}))?\s*\Z")


@dataclass(frozen=True, slots=True)
class NumberRange:
    """From `first` to at most `last`, in steps; exact, so that 0.1..0.3 step 0.1 ends with 0.3."""

    first: Decimal
    last: Decimal
    step: Decimal

    @property
    def count(self) -> int:
        """How many numbers it holds; 0 when the last comes before the first, seen along the step."""
        return max(0, int((self.last - self.first) // self.step) + 1) if self._leads_on() else 0

    def list_values(self) -> tuple[int | float, ...]:
        """The numbers; whole ones where all three are whole."""
        is_whole = all(part == part.to_integral_value() for part in (self.first, self.last, self.step))
        values = (self.first + place * self.step for place in range(self.count))
        return tuple(int(value) if is_whole else float(value) for value in values)

    def _leads_on(self) -> bool:
        return (self.last - self.first) * self.step >= 0


def find_range(text: str) -> NumberRange | None:
    """The range that a text means; None for one that means none, as any with a step of 0."""
    found = _RANGE.match(text)
    if found is None:
        return None
    first, last = Decimal(found["first"]), Decimal(found["last"])
    step = Decimal(found["step"] or 1)
    if step == 0 or not all(-400 < part.adjusted() < 400 for part in (first, last, step)):
        return None
    return NumberRange(first, last, step)
