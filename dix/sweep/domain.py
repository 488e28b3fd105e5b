"""What one parameter may be: a list of values, or numbers between two bounds. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["choice", "int", "float"]


@dataclass(frozen=True, slots=True)
class Domain:
    """`values` of a choice; `low` and `high`, both included, of numbers.

    Numbers are drawn evenly, or with `is_log` evenly in their logarithms, and lie on `low` plus a multiple of `step`
    where there is one. The parameter has a value only where each parameter of `when` has one of its values.
    """

    kind: Kind
    values: tuple[Any, ...] = ()
    low: float = 0
    high: float = 0
    is_log: bool = False
    step: float | None = None
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def count(self) -> int | None:
        """How many values there are; None where they cannot be counted."""
        if self.kind == "choice":
            return len(self.values)
        step = self._find_step()
        return None if step is None else int((_exact(self.high) - _exact(self.low)) // step) + 1

    def list_values(self) -> tuple[Any, ...]:
        """All of them; nothing where they cannot be counted."""
        if self.kind == "choice":
            return self.values
        return tuple(self._at(place) for place in range(self.count or 0))

    def list_samples(self) -> tuple[Any, ...]:
        """What is looked at to see whether the flow takes it: each choice, or both bounds."""
        return self.values if self.kind == "choice" else (self._at(0), self.snap(self.high))

    def snap(self, value: float) -> int | float:
        """The nearest number that lies on a step; whole where whole numbers are asked for."""
        step = self._find_step()
        if step is None:
            return min(max(value, self.low), self.high)
        place = round((value - self.low) / float(step))
        return self._at(min(max(place, 0), (self.count or 1) - 1))

    def has(self, value: Any) -> bool:
        """Whether a value may be one of its own."""
        if self.kind == "choice":
            return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in self.values)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        is_inside = self.low <= value <= self.high
        return is_inside and (self.step is None or math.isclose(self.snap(value), value, rel_tol=1e-9, abs_tol=1e-12))

    def is_active(self, params: Mapping[str, Any]) -> bool:
        """Whether it has a value beside these."""
        return all(name in params and params[name] in values for name, values in self.when.items())

    def _find_step(self) -> Decimal | None:
        if self.step is not None:
            return _exact(self.step)
        return Decimal(1) if self.kind == "int" else None

    def _at(self, place: int) -> int | float:
        step = self._find_step()
        value = _exact(self.low) + place * (step or 0)
        return int(value) if self.kind == "int" else float(value)


def _exact(number: float) -> Decimal:
    """The number as it is written: 0.1 is a tenth."""
    return Decimal(repr(number))
