"""The steps of a run that could go: in order, a lane for each size of slice. Pure.

Steps that want the same wait in one line; who waits for a card does not hold up who wants a core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dix.engine.plan import Slice


class Lanes:
    """First come, first served within each lane."""

    def __init__(self) -> None:
        self._lanes: dict[str, dict[str, Slice]] = {}

    def add(self, node: str, wanted: Slice) -> None:
        """A step could go."""
        self._lanes.setdefault(repr(wanted), {})[node] = wanted

    def take_while(self, admit: Callable[[str, Slice], bool]) -> Iterator[str]:
        """Let steps go, and tell which, until the first one of each lane is not admitted."""
        for lane in self._lanes.values():
            while lane:
                node, wanted = next(iter(lane.items()))
                if not admit(node, wanted):
                    break
                del lane[node]
                yield node

    def clear(self) -> None:
        """None of them will go."""
        self._lanes.clear()

    def __iter__(self) -> Iterator[str]:
        return (node for lane in self._lanes.values() for node in lane)

    def __bool__(self) -> bool:
        return any(self._lanes.values())
