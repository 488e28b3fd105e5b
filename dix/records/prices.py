"""The price book: what an hour of each resource costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from dix.records.tag import make_tag
from dix.records.usage import UsageRow
from dix.records.user import FIRST_USER

_HOUR_S = 3600
_GIB = 2**30


@dataclass(frozen=True, slots=True)
class PriceBook:
    """`currency` is any text. A type of card not among `gpu_types` costs `gpu_hour`; what is None costs nothing."""

    currency: str = ""
    cpu_hour: Decimal | None = None
    gpu_hour: Decimal | None = None
    gib_hour: Decimal | None = None
    gpu_types: Mapping[str, Decimal] = field(default_factory=dict)
    changed: datetime | None = None  # None until it was first written
    changed_by: str = FIRST_USER

    @property
    def tag(self) -> str:
        """Another one for each change."""
        types = sorted((kind, str(price)) for kind, price in self.gpu_types.items())
        hours = [str(price) for price in (self.cpu_hour, self.gpu_hour, self.gib_hour)]
        return make_tag(self.changed, self.currency, hours, types)

    def is_empty(self) -> bool:
        """Whether nothing has a price."""
        return self.cpu_hour is self.gpu_hour is self.gib_hour is None and not self.gpu_types

    def find_cost(self, row: UsageRow) -> Fraction | None:
        """What was allocated, at these prices, and exact; None when nothing has a price."""
        if self.is_empty():
            return None
        cards = sum((seconds * self._card_hour(kind) for kind, seconds in row.gpu_s.items()), Fraction())
        memory = row.memory_byte_s * Fraction(self.gib_hour or 0) / _GIB
        return (row.cpu_s * Fraction(self.cpu_hour or 0) + cards + memory) / _HOUR_S

    def _card_hour(self, kind: str | None) -> Fraction:
        price = self.gpu_types.get(kind) if kind is not None else None
        return Fraction(self.gpu_hour or 0) if price is None else Fraction(price)
