"""Sweeps in this process: a real catalog, an engine with the odd algorithms, and the sweeper's loop beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from dix.algorithms.lookup import list_specs
from dix.catalog.base import Catalog
from dix.catalog.direct import DirectCatalog
from dix.flow.text import hash_flow, read_flow
from dix.records.moments import now
from dix.records.sweep import Method, Objective, Sweep
from dix.records.trial import Trial, TrialState
from dix.sweep.desk import SweepDesk
from dix.sweep.rounds import Rounds
from dix.sweep.sweeper import Changed, Loop
from tests.engine.conftest import Workshop, open_workshop, wait_until
from tests.sweep.climber import FLOW, Climber, install

HEIGHT = Objective("climb", "height")


class InlineSweeper:
    """Owns sweeps in this process."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def look_at(self, sweep: str) -> None:
        changed = Changed(sweep)
        self._loop.hear(changed)
        assert changed.answer.result(timeout=20)


@dataclass
class Yard:
    """Everything a test of sweeps needs."""

    workshop: Workshop
    desk: SweepDesk

    @property
    def catalog(self) -> Catalog:
        return self.workshop.catalog

    def push(self, text: str) -> int:
        doc = read_flow(text)
        return self.catalog.flows.push_flow(doc.name, text, hash_flow(doc), "default").version

    def make(self, name: str, method: Method = Method.GRID, **facts: Any) -> Sweep:
        """A sweep over the hill, ready to be asked for."""
        return replace(Sweep(name, "hill", self.push(FLOW), "default", now(), method), **facts)

    def do(self, name: str, method: Method = Method.GRID, **facts: Any) -> Sweep:
        """A sweep over the hill from its beginning to its end."""
        self.desk.create(self.make(name, method, **facts))
        return self.wait(name)

    def wait(self, name: str, limit_s: float = 60) -> Sweep:
        wait_until(lambda: self.catalog.sweeps.get_sweep(name).is_over, limit_s, lambda: self.trials(name))
        return self.catalog.sweeps.get_sweep(name)

    def trials(self, name: str) -> tuple[Trial, ...]:
        return self.catalog.trials.list_trials(name).items

    def states(self, name: str) -> list[TrialState]:
        return [trial.state for trial in self.trials(name)]


@contextmanager
def open_yard(folder: Path, catalog: Catalog) -> Iterator[Yard]:
    """An engine and a sweeper over a catalog; what is unfinished there goes on."""
    with open_workshop(folder, catalog) as workshop:
        loop = Loop(Rounds(catalog, workshop.desk), workshop.news)
        threads = loop.start_threads()
        yield Yard(workshop, SweepDesk(catalog, workshop.desk, InlineSweeper(loop), list_specs()))
        Climber.open_all()
        loop.hear(None)
        threads[0].join()


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[DirectCatalog]:
    catalog = DirectCatalog(tmp_path / "catalog.duckdb")
    yield catalog
    catalog.close()


@pytest.fixture
def yard(tmp_path: Path, catalog: DirectCatalog, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    install(monkeypatch)
    with open_yard(tmp_path, catalog) as yard:
        yield yard
