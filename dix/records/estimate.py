"""An estimate: how long a run will take and what it will cost, as far as earlier runs tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NodeEstimate:
    """Of one node: the middle, the least and the most of what earlier attempts took, in seconds.

    `attempts` is how many that were; with none, `note` says what is not known. A node that is not to be executed, or
    whose outputs are there already, takes no time, and `note` says so. `cost` is None without prices.
    """

    node: str
    seconds: float | None
    least_s: float | None = None
    most_s: float | None = None
    attempts: int = 0
    cost: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of one run: `seconds` along the `path` of nodes that takes longest, without any waiting for slots.

    Both sums are over the nodes that are known; `unknown` are the others, so with any of them the sums are too small.
    """

    flow: str
    seconds: float
    path: tuple[str, ...]
    cost: float | None
    currency: str | None
    unknown: tuple[str, ...]
    nodes: tuple[NodeEstimate, ...]
