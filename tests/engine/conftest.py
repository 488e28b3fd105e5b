"""An engine in this process: a real catalog file, a folder store, the inline executor."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dix.algorithms.lookup import list_specs
from dix.catalog.direct import DirectCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.base import RunOrder
from dix.engine.desk import Desk
from dix.engine.inline_executor import InlineExecutor
from dix.engine.plan import Slice
from dix.engine.runner import Cancel, Runner, TakeUp
from dix.flow.text import hash_flow, read_flow
from dix.records.run import Run
from dix.records.states import run_is_over
from dix.records.step import Step
from dix.registry.registry import Registry
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.store.store import Store


class InlineOwner:
    """Owns runs in this process."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def take_up(self, run: TakeUp) -> None:
        self._runner.hear(run)

    def cancel(self, run: str) -> bool:
        wish = Cancel(run)
        self._runner.hear(wish)
        return wish.answer.result(timeout=10)


@dataclass
class Workshop:
    """Everything a test of the engine needs."""

    catalog: DirectCatalog
    store: Store
    desk: Desk

    def start(self, text: str, **order: object) -> Run:
        doc = read_flow(text)
        self.catalog.flows.push_flow(doc.name, text, hash_flow(doc), "default")
        return self.desk.start_run(RunOrder(doc.name, **order))

    def wait(self, run: str, limit_s: float = 60) -> Run:
        end = time.monotonic() + limit_s
        while not run_is_over((found := self.catalog.runs.get_run(run)).state):
            assert time.monotonic() < end, (found, self.catalog.runs.list_steps(run))
            time.sleep(0.01)
        return found

    def steps(self, run: str) -> dict[str, Step]:
        return {step.node: step for step in self.catalog.runs.list_steps(run)}


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    """A running engine; a machine of 2 cpu and 8 GiB."""
    catalog = DirectCatalog(tmp_path / "catalog.duckdb")
    options = StoreOptions((tmp_path / "store").as_uri())
    store = open_store_with(options)
    machine = Slice(2.0, 0.0, 8 * 2**30)
    runner = Runner(catalog, options, Registry(catalog.models, store).write_version_manifest)
    executor = InlineExecutor(runner, machine)
    thread = runner.start_thread(executor)
    desk = Desk(catalog, store, InlineOwner(runner), lambda: Acceptance(catalog, list_specs(), [machine]))
    yield Workshop(catalog, store, desk)
    runner.hear(None)
    thread.join()
    executor.close()
    catalog.close()
