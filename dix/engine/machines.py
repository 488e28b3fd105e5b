"""The machines of the cluster, and a place on one of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Machine:
    """What one machine has to give, free or not; `id` is the executor's own name for it.

    `disk_bytes` is what its disk had free when it was looked at, None where nobody has looked: then it is no limit.
    `accelerator` is the type of its cards, None where there are none or their type is not known.
    """

    name: str
    id: str
    cpu: float
    gpu: float = 0.0
    memory_bytes: int = 0
    disk_bytes: int | None = None
    custom: Mapping[str, float] = field(default_factory=dict)
    accelerator: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The machine on which an attempt has its slots, and the type of card that was chosen for it.

    Of a step on several workers it is the first one's; `crew` are the places of the others, by rank.
    """

    machine: str
    id: str
    accelerator: str | None = None
    crew: tuple[Place, ...] = ()

    @property
    def machines(self) -> str:
        """The names of all machines."""
        return ", ".join(dict.fromkeys(place.machine for place in (self, *self.crew)))

    def count_workers(self) -> dict[str, int]:
        """How many workers are on each machine, by its id."""
        return dict(Counter(place.id for place in (self, *self.crew)))
