"""An engine in this process: a real catalog file, a folder store, the inline executor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dix.algorithms.lookup import list_specs
from dix.catalog.base import Catalog
from dix.catalog.direct import DirectCatalog
from dix.engine.acceptance import Acceptance
from dix.engine.base import RunOrder
from dix.engine.desk import Desk
from dix.engine.doorman import Doorman
from dix.engine.entrance import TakeUp
from dix.engine.inline_executor import InlineExecutor
from dix.engine.machines import Machine
from dix.engine.news import NewsBoard
from dix.engine.recovery import take_up_unfinished
from dix.engine.runner import Runner
from dix.engine.wishes import Cancel, ReadProjects, SetPriority, TellUsage
from dix.flow.text import hash_flow, read_flow
from dix.records.run import Run
from dix.records.states import StepState, run_is_over
from dix.records.step import Step
from dix.registry.registry import Registry
from dix.store.choose import open_store_with
from dix.store.options import StoreOptions
from dix.store.store import Store
from tests.engine.oddities import Gate, install

MACHINE = Machine("here", "m1", 2.0, 0.0, 8 * 2**30)


class InlineOwner:
    """Owns runs in this process."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.doorman: Doorman | None = None

    def look_at_held(self) -> None:
        if self.doorman is not None:
            self.doorman.ring(has_others=True)

    def take_up(self, run: TakeUp) -> None:
        self._runner.hear(run)

    def cancel(self, run: str) -> bool:
        wish = Cancel(run)
        self._runner.hear(wish)
        return wish.answer.result(timeout=10)

    def set_priority(self, run: str, priority: int) -> bool:
        wish = SetPriority(run, priority)
        self._runner.hear(wish)
        return wish.answer.result(timeout=10)

    def reread_projects(self) -> None:
        wish = ReadProjects()
        self._runner.hear(wish)
        wish.answer.result(timeout=10)

    def read_usage(self) -> dict[str, dict[str, float]]:
        wish = TellUsage()
        self._runner.hear(wish)
        return wish.answer.result(timeout=10)


@dataclass
class Workshop:
    """Everything a test of the engine needs."""

    catalog: Catalog
    store: Store
    desk: Desk
    runner: Runner
    news: NewsBoard = field(default_factory=NewsBoard)

    def start(self, text: str, **order: object) -> Run:
        doc = read_flow(text)
        self.catalog.flows.push_flow(doc.name, text, hash_flow(doc), "default")
        return self.desk.start_run(RunOrder(doc.name, **order))

    def wait(self, run: str, limit_s: float = 60) -> Run:
        wait_until(lambda: run_is_over(self.catalog.runs.get_run(run).state), limit_s, lambda: self.steps(run))
        return self.catalog.runs.get_run(run)

    def do(self, text: str, **order: object) -> Run:
        return self.wait(self.start(text, **order).id)

    def steps(self, run: str) -> dict[str, Step]:
        return {step.node: step for step in self.catalog.runs.list_steps(run)}

    def wait_for_step(self, run: str, node: str, state: StepState, limit_s: float = 30) -> Step:
        def is_so() -> bool:
            step = self.steps(run).get(node)
            return step is not None and step.state is state

        wait_until(is_so, limit_s, lambda: self.steps(run))
        return self.steps(run)[node]

    def story(self, run: str, node: str | None = None) -> list[tuple[str, int]]:
        """What happened to a step (or to all of them), from the events: kind and attempt."""
        events = self.catalog.telemetry.list_events(run)
        return [(event.kind, event.attempt) for event in events if event.node and node in {None, event.node}]

    def texts(self, run: str, node: str | None = None) -> list[str]:
        return [line.text for line in self.desk.read_logs(run, node).items]


def wait_until(is_so: Callable[[], bool], limit_s: float = 30, tell: Callable[[], object] = lambda: None) -> None:
    """Wait for a condition, with a limit."""
    end = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end, tell()
        time.sleep(0.005)


@contextmanager
def open_workshop(folder: Path, catalog: Catalog, machines: tuple[Machine, ...] = (MACHINE,)) -> Iterator[Workshop]:
    """A running engine over a catalog; what is unfinished there is taken up."""
    options = StoreOptions((folder / "store").as_uri())
    store = open_store_with(options)
    news = NewsBoard()

    def hear_news(ended: Iterable[str], measured: Iterable[str]) -> None:
        over = tuple(ended)
        news.tell(over, measured)
        if over:
            doorman.ring()

    runner = Runner(catalog, options, Registry(catalog.models, store).write_version_manifest, hear_news)
    specs = list_specs()
    doorman = Doorman(catalog, lambda: Acceptance(catalog, specs, machines, store), runner.hear, news)
    executor = InlineExecutor(runner, machines[0])
    for taken in take_up_unfinished(catalog, Acceptance(catalog, list_specs(), machines)):
        runner.hear(taken)
    thread, door = runner.start_thread(executor), doorman.start_thread()
    owner = InlineOwner(runner)
    owner.doorman = doorman
    desk = Desk(catalog, store, owner, lambda: Acceptance(catalog, specs, machines, store))
    yield Workshop(catalog, store, desk, runner, news)
    Gate.open_all()
    doorman.end()
    door.join()
    runner.hear(None)
    thread.join()
    executor.close()


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[DirectCatalog]:
    catalog = DirectCatalog(tmp_path / "catalog.duckdb")
    yield catalog
    catalog.close()


@pytest.fixture
def workshop(tmp_path: Path, catalog: DirectCatalog, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """A running engine with the odd algorithms; a machine of 2 cpu and 8 GiB."""
    install(monkeypatch)
    with open_workshop(tmp_path, catalog) as workshop:
        yield workshop
