"""What others want of whoever owns runs; each has an answer, given when what was wanted is on disk."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

_Value = TypeVar("_Value")


class Wish(Protocol[_Value]):
    """Any of them."""

    @property
    def answer(self) -> Future[_Value]:
        """Whoever wishes waits for it."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Somebody wants a run to end; the answer is whether it was still open."""

    run: str
    answer: Future[bool] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class SetPriority:
    """Somebody wants a run to go sooner or later; the answer is whether it was still open."""

    run: str
    priority: int
    answer: Future[bool] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class ReadProjects:
    """Projects or quotas have changed in the catalog; once it is answered, the new ones hold."""

    answer: Future[bool] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class TellUsage:
    """What each project uses of what, by project and resource."""

    answer: Future[dict[str, dict[str, float]]] = field(default_factory=Future)
