"""The proxy and its owner on a real Ray: started once, killed in the middle, stopped and started again."""

from __future__ import annotations

import os
import pickle
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import ray

from dix.catalog.direct import DirectCatalog
from dix.catalog.owner import Owner, find_owner, start_owner, stop_owner
from dix.catalog.proxy import ProxyCatalog
from dix.errors import CatalogError, NotFound, Unreachable
from dix.records.endpoint import Endpoint, EndpointState
from dix.records.metric import MetricPoint
from dix.records.model_version import ModelDraft
from dix.records.run import Run
from dix.records.states import StepState
from tests.contracts.catalog_records import NOON, change, make_run, make_steps, move, start
from tests.fixtures_ray import local_ray  # noqa: F401

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("local_ray")]

LIMIT_S = 60


@pytest.fixture
def proxy(path: Path) -> Iterator[ProxyCatalog]:
    start_owner(path)
    yield ProxyCatalog()
    stop_owner()


def test_error_is_the_one_that_was_meant(proxy: ProxyCatalog) -> None:
    with pytest.raises(NotFound) as caught:
        proxy.runs.get_run("r1")
    assert type(caught.value) is NotFound
    assert caught.value.__cause__ is None


def test_no_other_account_reads_what_the_owner_writes(path: Path, proxy: ProxyCatalog) -> None:
    proxy.runs.create_run(make_run(), ())
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.glob(f"{path.name}*")}
    assert modes == {path.name: 0o600, f"{path.name}.wal": 0o600}


def test_proxy_works_in_a_worker(proxy: ProxyCatalog) -> None:
    proxy.runs.create_run(make_run(), ())

    @ray.remote(num_cpus=0)
    def read(there: ProxyCatalog) -> Run:
        return there.runs.get_run("r1")

    proxy.runs.get_run("r1")  # it knows its owner when it is sent
    assert ray.get(read.remote(proxy), timeout=LIMIT_S) == proxy.runs.get_run("r1")


def test_proxy_of_a_handle_works_in_a_worker(path: Path) -> None:
    proxy = ProxyCatalog(start_owner(path))
    proxy.runs.create_run(make_run(), ())

    @ray.remote(num_cpus=0)
    def read(there: ProxyCatalog) -> Run:
        return there.runs.get_run("r1")

    assert ray.get(read.remote(proxy), timeout=LIMIT_S) == make_run()
    stop_owner()


def test_owner_that_runs_is_found_and_not_started_again(path: Path, proxy: ProxyCatalog) -> None:
    found = find_owner()
    assert found is not None
    assert start_owner(path) == found
    with pytest.raises(CatalogError, match=r"open, not .*other\.duckdb; run `dix down` first"):
        start_owner(path.with_name("other.duckdb"))
    assert proxy.flows.list_flows().items == ()


def test_file_that_cannot_be_opened_is_named_and_hinders_nothing(path: Path) -> None:
    path.write_bytes(b"something else" * 1000)
    with pytest.raises(CatalogError) as caught:
        start_owner(path)
    assert str(caught.value).startswith(f"the catalog failed: its file {path} cannot be opened")
    assert len(str(caught.value).splitlines()) == 1
    path.unlink()
    start_owner(path)
    stop_owner()


def test_answer_that_does_not_come_in_time_is_unreachable(proxy: ProxyCatalog) -> None:
    assert pickle.loads(pickle.dumps(proxy)).flows.list_flows().items == ()
    with pytest.raises(Unreachable, match="no answer within 0 s"):
        ProxyCatalog(timeout_s=0).flows.list_flows()


def test_stopped_owner_is_unreachable_and_the_next_one_is_found(path: Path, proxy: ProxyCatalog) -> None:
    proxy.runs.create_run(make_run(), ())
    stop_owner()
    with pytest.raises(Unreachable, match="no owner runs in namespace dix"):
        proxy.runs.get_run("r1")
    start_owner(path)
    assert proxy.runs.get_run("r1") == make_run()


def test_owner_that_could_not_open_the_file_is_whole_when_it_can(path: Path, proxy: ProxyCatalog) -> None:
    proxy.runs.create_run(make_run(), ())
    _kill_owner()
    other = _open_when_free(path)
    with pytest.raises(CatalogError, match=r"catalog\.duckdb cannot be opened"):
        proxy.runs.get_run("r1")
    other.close()
    assert proxy.runs.get_run("r1") == make_run()


@pytest.mark.parametrize(
    ("drawer", "method"),
    [
        ("runs", "create_run"),
        ("runs", "apply_changes"),
        ("flows", "push_flow"),
        ("models", "register_model"),
        ("endpoints", "delete_endpoint"),
        ("telemetry", "add_metrics"),
    ],
)
def test_write_whose_answer_was_lost_is_made_once(proxy: ProxyCatalog, drawer: str, method: str) -> None:
    endpoint = Endpoint("digits", "digits", 1, "default", EndpointState.READY, NOON, NOON)
    point = MetricPoint("r1", "a", 1, "loss", 1, 0.5, NOON)

    def die_here(name: str) -> None:
        if name == method:
            owner = find_owner()
            assert owner is not None
            ray.get(owner.__ray_call__.remote(_die_after, drawer, method), timeout=LIMIT_S)

    die_here("create_run")
    proxy.runs.create_run(make_run(), make_steps("r1", "a"))
    die_here("apply_changes")
    claim = change(start(), replace(move(StepState.PENDING, StepState.RUNNING), model=ModelDraft("m", "u", {"a": 1})))
    result = proxy.runs.apply_changes(claim)
    assert (result.refused_runs, result.refused_steps) == ((), ())
    assert result.models == {("r1", "a"): proxy.models.get_model("m", 1)}
    assert proxy.runs.apply_changes(claim).refused_runs == ("r1",)
    die_here("push_flow")
    assert proxy.flows.push_flow("f", "1", "1", "default").version == 1
    die_here("register_model")
    assert proxy.models.register_model(ModelDraft("digits", "u"), "default").version == 1
    assert [one.version for one in proxy.models.list_model_versions("digits")] == [1]
    proxy.endpoints.put_endpoint(endpoint)
    die_here("delete_endpoint")
    proxy.endpoints.delete_endpoint("digits")
    with pytest.raises(NotFound):
        proxy.endpoints.delete_endpoint("digits")
    die_here("add_metrics")
    proxy.telemetry.add_metrics((point,))
    assert proxy.telemetry.list_metrics("r1") == (point,)
    assert len(proxy.telemetry.list_events()) == 2


def test_kill_9_in_the_middle_loses_nothing_and_does_nothing_twice(path: Path, proxy: ProxyCatalog) -> None:
    over = threading.Event()

    def write(writer: int) -> int:
        """Runs, moves and models one after another, each of which must be answered and accepted."""
        i = 0
        while not over.is_set():
            run = f"w{writer}-{i}"
            proxy.runs.create_run(make_run(run), make_steps(run, "a"))
            # The first change of a run goes into the tables, the second one waits in the inbox.
            for moves in (change(start(run)), change(move(StepState.PENDING, StepState.RUNNING, run=run))):
                result = proxy.runs.apply_changes(moves)
                assert not result.refused_runs
                assert not result.refused_steps
            proxy.models.register_model(ModelDraft("digits", f"file:///{run}"), "default", run)
            proxy.flows.push_flow(f"flow-{writer}", f"{i % 2}", f"{i % 2}", "default")
            i += 1
        return i

    with ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(write, writer) for writer in range(6)]
        try:
            for _ in range(2):
                seen = len(proxy.telemetry.list_events(limit=10_000))
                _wait_for_events(proxy, seen + 100)
                _kill_owner()
                _wait_for_events(proxy, seen + 200)
        finally:
            over.set()
        counts = [one.result(LIMIT_S) for one in writers]
    stop_owner()
    catalog = DirectCatalog(path)
    total = sum(counts)
    assert len(catalog.telemetry.list_events(limit=100_000)) == 2 * total
    assert [one.version for one in catalog.models.list_model_versions("digits")] == list(range(total, 0, -1))
    for writer, count in enumerate(counts):
        versions = catalog.flows.list_flow_versions(f"flow-{writer}")
        assert [one.text for one in reversed(versions)] == [f"{i % 2}" for i in range(count)]
    catalog.close()


def _wait_for_events(proxy: ProxyCatalog, count: int) -> None:
    pause = threading.Event()
    for _ in range(10 * LIMIT_S):
        if len(proxy.telemetry.list_events(limit=100_000)) >= count:
            return
        pause.wait(0.1)
    pytest.fail("the writers do not go on")


def _open_when_free(path: Path) -> DirectCatalog:
    """The file in this process, as soon as the killed one has let go of it; the restarted one waits for a question."""
    pause = threading.Event()
    for _ in range(10 * LIMIT_S):
        try:
            return DirectCatalog(path)
        except CatalogError:
            pause.wait(0.1)
    pytest.fail("the file stays locked")


def _kill_owner() -> None:
    owner = find_owner()
    assert owner is not None
    os.kill(ray.get(owner.__ray_call__.remote(_get_pid), timeout=LIMIT_S), signal.SIGKILL)


def _die_after(owner: Owner, drawer: str, method: str) -> None:
    """Let the owner make one more write of this kind, and die before it answers; the restarted one is whole again."""
    table = getattr(owner.open(), drawer)
    write = getattr(table, method)

    def write_and_die(**values: object) -> None:
        write(**values)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(table, method, write_and_die)


def _get_pid(_owner: Owner) -> int:
    return os.getpid()
