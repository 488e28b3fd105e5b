"""A project: who shares the cluster, and how much of it is whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dix.records.tag import make_tag
from dix.records.user import FIRST_USER

# It is always there, and has no limits.
DEFAULT_PROJECT = "default"


class Reclaim(StrEnum):
    """Whose steps a project may have stopped when it wants back what others of its cohort have borrowed from it."""

    NEVER = "never"  # it waits until they end
    LOWER_PRIORITY = "lower-priority"  # those of a lower priority than the step that wants to go
    ANY = "any"  # all that runs on borrowed slots


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of one resource is a project's own, and how much more or less it may become within its cohort.

    `borrowing_limit` is the most it may use beyond `nominal` while others leave theirs unused (None: as much as they
    leave), `lending_limit` the most of its own that others may use meanwhile (None: all of it).
    """

    nominal: float
    borrowing_limit: float | None = None
    lending_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """`quotas` by resource: cpu, gpu, gpu:TYPE, memory and disk (bytes), runs, steps; what is not there has no limit.

    Projects with the same `cohort` lend each other what they do not use. `changed` is None until it was changed.
    """

    name: str
    created: datetime
    cohort: str | None = None
    reclaim: Reclaim = Reclaim.NEVER
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    description: str = ""
    changed: datetime | None = None
    changed_by: str = FIRST_USER

    @property
    def tag(self) -> str:
        """Another one for each change."""
        quotas = sorted(
            (name, float(quota.nominal), _to_float(quota.borrowing_limit), _to_float(quota.lending_limit))
            for name, quota in self.quotas.items()
        )
        return make_tag(self.created, self.changed, self.cohort, self.reclaim.value, quotas, self.description)


def _to_float(amount: float | None) -> float | None:
    return None if amount is None else float(amount)
