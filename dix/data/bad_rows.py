"""Leave out rows and files that cannot be used, as long as they are as few as a node allows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TypeVar

from dix.errors import BadData

Piece = TypeVar("Piece")
_MOST_NAMED = 5


class BadRows:
    """Counts what is left out of the data of one step; with a share of 0 the first of them ends the step."""

    def __init__(self, share: float = 0.0) -> None:
        self._share = share
        self._first: list[str] = []
        self.count = 0

    @property
    def are_tolerated(self) -> bool:
        """Whether any may be left out at all."""
        return self._share > 0

    def leave_out(self, error: BadData) -> None:
        """Count one, and what is wrong with it; raises the error itself where none is tolerated."""
        if not self.are_tolerated:
            raise error
        self.count += 1
        if len(self._first) < _MOST_NAMED:
            self._first.append(str(error))

    def finish(self, uri: str, total: int) -> dict[str, int]:
        """The metric of the step, when all `total` were looked at; raises BadData when too many were left out.

        The first few are named in the step's log.
        """
        if not self.are_tolerated:
            return {}
        if self.count > self._share * total or self.count == total > 0:
            raise BadData(
                uri, f"{self.count} of {total} cannot be used, {self.count / total:.2%}, and bad_rows allows "
                f"{self._share:.2%}; the first: {self._first[0]}",
            )  # fmt: skip
        for line in self._first:
            sys.stdout.write(f"left out: {line}\n")
        if self.count > len(self._first):
            sys.stdout.write(f"left out: {self.count - len(self._first)} more\n")
        return {"bad_rows": self.count}


def read_usable(read: Callable[[int, int], Piece], rows: int, bad_rows: BadRows) -> Iterator[tuple[int, int, Piece]]:
    """What `read(start, stop)` gives for all rows from 0, in order, in as few pieces as the bad rows between allow.

    A piece that cannot be read is halved until the rows at fault are found: few of them cost little.
    """
    waiting = [(0, rows)] if rows else []
    while waiting:
        start, stop = waiting.pop()
        try:
            piece = read(start, stop)
        except BadData as error:
            if stop - start == 1 or not bad_rows.are_tolerated:
                bad_rows.leave_out(error)
                continue
            middle = (start + stop) // 2
            waiting += [(middle, stop), (start, middle)]
            continue
        yield start, stop, piece
