"""Chooses who decides, by a sweep's method. Ray Tune is loaded when one of its own is chosen, and not before."""

from __future__ import annotations

from collections.abc import Sequence

from dix.errors import NotYet
from dix.records.sweep import Method, Sweep
from dix.records.trial import Trial
from dix.sweep.base import GoOn, Halting, Search
from dix.sweep.drawn_search import DrawnSearch, NoSearch
from dix.sweep.making import find_search
from dix.sweep.space import Space


def choose_search(sweep: Sweep, space: Space | None, earlier: Sequence[Trial]) -> Search:
    """Who finds parameters; it knows the trials that there are."""
    search = find_search(sweep)
    if space is not None and search is Method.TPE:
        from dix.sweep.tune_search import TpeSearch

        return TpeSearch(space, sweep.objectives, sweep.seed, sweep.options, earlier)
    if space is not None and search is Method.RANDOM:
        return DrawnSearch(space, sweep.seed)
    return NoSearch()


def choose_halting(sweep: Sweep) -> Halting:
    """Who says which trials go on; it knows nothing of them yet."""
    if sweep.method is Method.ASHA:
        from dix.sweep.tune_halting import AshaHalting

        return AshaHalting(sweep.objectives[0], sweep.seed, sweep.options)
    if sweep.method is Method.HYPERBAND:
        from dix.sweep.tune_halting import HyperbandHalting

        return HyperbandHalting(sweep.objectives[0], sweep.options)
    check_there(sweep.method)
    return GoOn()


def check_there(method: Method) -> None:
    """Raises NotYet for a method that is planned."""
    if method is Method.PBT:
        raise NotYet("the method pbt", "asha and hyperband stop trials on the way")
