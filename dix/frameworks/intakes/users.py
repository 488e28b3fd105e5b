"""Users: each has a place of its own, and all who are not known share one."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from dix.frameworks.base import Columns, TensorSpec
from dix.frameworks.intakes.base import Intake


@dataclass(frozen=True, slots=True)
class UsersIntake:
    """One input `user`, BYTES [n]; of the sorted `users` each has the place after its own, 0 is for all others."""

    KIND: ClassVar[str] = "users"

    users: tuple[str, ...]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        return (TensorSpec("user", "BYTES", (-1,)),)

    def prepare(self, columns: Columns) -> dict[str, NDArray[Any]]:
        # By halving: nothing is built for a question, however many users there are.
        asked = columns["user"]
        return {"user": np.fromiter((self._find(user) for user in asked), np.int64, len(asked))}

    def _find(self, user: str) -> int:
        place = bisect_left(self.users, user)
        return place + 1 if place < len(self.users) and self.users[place] == user else 0


def fit_users(users: NDArray[Any]) -> UsersIntake:
    """The intake for a training with events of `users`."""
    return UsersIntake(tuple(sorted(set(users))))


_: type[Intake] = UsersIntake
