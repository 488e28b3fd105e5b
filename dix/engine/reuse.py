"""Finds earlier steps that the same went into, for all attempts that start together with one question to the catalog.

The keys of all fingerprints are kept here, so that a step that was never done costs no question at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dix.catalog.base import Catalog
from dix.engine.fingerprint import make_fingerprint, tell_why_new, tell_why_unknown
from dix.engine.messages import Candidate, StepOrder
from dix.engine.orders import find_version
from dix.engine.recipes import Surroundings
from dix.errors import NotFound
from dix.names import is_model_reference
from dix.records.change import StepMove
from dix.records.recipe import Recipe, make_key
from dix.records.result import Result
from dix.records.run import Run

_MANY = 50_000  # keys in a set take ten times the room of those in an array


@dataclass(frozen=True, slots=True)
class Found:
    """An order with what was found for it; `why_run` says why nothing was, None where nobody asks."""

    order: StepOrder
    why_run: str | None


class Reuse:
    """For the runner's thread. `read_keys` comes first."""

    def __init__(self, catalog: Catalog, surroundings: Surroundings) -> None:
        self._catalog = catalog
        self._surroundings = surroundings
        self._old = np.empty(0, dtype=np.int64)  # sorted, read when the runner starts
        self._fresh: set[int] = set()
        self._last: dict[str, dict[str, Result]] = {}  # by run, of which a step was asked for

    def read_keys(self) -> None:
        """Learn what there is."""
        self._old = self._catalog.results.list_keys()

    def remember(self, moves: Iterable[StepMove]) -> None:
        """Successes have been written down."""
        self._fresh.update(make_key(move.fingerprint.digest) for move in moves if move.fingerprint is not None)
        if len(self._fresh) >= _MANY:
            fresh = np.fromiter(self._fresh, dtype=np.int64, count=len(self._fresh))
            self._old, self._fresh = np.union1d(self._old, fresh), set()

    def forget(self, run: str) -> None:
        """A run is over."""
        self._last.pop(run, None)

    def find(self, wanted: Sequence[tuple[Run, StepOrder]]) -> list[Found]:
        """The orders, in the same order, with fingerprints and candidates."""
        prints = [make_fingerprint(order, run.project, self._surroundings) for run, order in wanted]
        known = {
            one.digest: one
            for (run, _order), one in zip(wanted, prints, strict=True)
            if one is not None and run.cache and self._is_known(one)
        }
        found: dict[str, list[Result]] = {}
        for result in self._catalog.results.find_same(tuple(known.values())) if known else ():
            found.setdefault(result.recipe.digest, []).append(result)
        return [
            self._make_found(run, order, one, found.get(one.digest, []) if one is not None else [])
            for (run, order), one in zip(wanted, prints, strict=True)
        ]

    def _make_found(self, run: Run, order: StepOrder, fingerprint: Recipe | None, results: list[Result]) -> Found:
        if fingerprint is None:
            return Found(order, tell_why_unknown(order))
        if not run.cache:
            return Found(replace(order, fingerprint=fingerprint), "the run was started without the cache")
        candidates = tuple(one for one in map(self._make_candidate, results) if one is not None)
        why = None if candidates else tell_why_new(fingerprint, self._find_last(run, order))
        return Found(replace(order, fingerprint=fingerprint, candidates=candidates), why)

    def _make_candidate(self, result: Result) -> Candidate | None:
        """With the folders of its models; None when one of them is not there any more."""
        places = dict(result.step.outputs)
        for port, uri in places.items():
            if is_model_reference(uri):
                try:
                    places[port] = find_version(uri, self._catalog.models).uri
                except NotFound:
                    return None
        return Candidate(result.step, places)

    def _find_last(self, run: Run, order: StepOrder) -> Result | None:
        if run.id not in self._last:
            self._last[run.id] = self._catalog.results.find_last_same(run.flow, run.project)
        return self._last[run.id].get(order.step.node)

    def _is_known(self, fingerprint: Recipe) -> bool:
        key = make_key(fingerprint.digest)
        place = int(np.searchsorted(self._old, key))
        return key in self._fresh or (place < len(self._old) and int(self._old[place]) == key)
