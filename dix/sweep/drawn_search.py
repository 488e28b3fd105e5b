"""Parameters by chance, each trial's from the seed and its own number."""

from __future__ import annotations

from typing import Any

from dix.records.trial import Trial
from dix.sweep.base import Search
from dix.sweep.drawing import draw_point
from dix.sweep.space import Space


class DrawnSearch:
    """Never ends."""

    def __init__(self, space: Space, seed: int) -> None:
        self._space = space
        self._seed = seed

    def suggest(self, number: int) -> dict[str, Any] | None:
        return draw_point(self._space, self._seed, number)

    def add(self, trial: Trial) -> None:
        pass

    def end(self, trial: Trial) -> None:
        pass


class NoSearch:
    """All trials are there from the beginning."""

    def suggest(self, number: int) -> dict[str, Any] | None:  # noqa: ARG002
        return None

    def add(self, trial: Trial) -> None:
        pass

    def end(self, trial: Trial) -> None:
        pass


def _fits(drawn: DrawnSearch, none: NoSearch) -> tuple[Search, Search]:
    return drawn, none
