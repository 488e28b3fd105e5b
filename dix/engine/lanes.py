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

    def take_first(self, admit: Callable[[str, Slice], bool]) -> str | None:
        """Let one step go, the first of a lane that is admitted, and tell which; None when none is."""
        for lane in self._lanes.values():
            if lane:
                node, wanted = next(iter(lane.items()))
                if admit(node, wanted):
                    del lane[node]
                    return node
        return None

    def list_first(self) -> Iterator[tuple[str, Slice]]:
        """The first step of each lane."""
        return (next(iter(lane.items())) for lane in self._lanes.values() if lane)

    def clear(self) -> None:
        """None of them will go."""
        self._lanes.clear()

    def __iter__(self) -> Iterator[str]:
        return (node for lane in self._lanes.values() for node in lane)

    def __bool__(self) -> bool:
        return any(self._lanes.values())
