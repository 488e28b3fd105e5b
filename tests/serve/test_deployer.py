"""What the deployer writes down, starts and tells, on a host in this process."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dix.catalog.direct import DirectCatalog
from dix.errors import BadModel, BadValue, EndpointFailed, NotFound, Unreachable
from dix.records.endpoint import EndpointState
from dix.records.model_version import ModelDraft
from dix.registry.registry import Registry
from dix.serve.deployer import Deployer, Premises
from dix.serve.host import Host, ReplicaOrder, Standing
from dix.store.choose import StoreOptions, open_store_with

READY = Standing(EndpointState.READY)


class MemoryHost:
    """Every order stands as `outcome` says (ready unless told otherwise) from the second look on."""

    def __init__(self) -> None:
        self.orders: list[ReplicaOrder] = []
        self.standings: dict[str, Standing] = {}
        self.outcome: Callable[[ReplicaOrder], Standing] = lambda order: READY
        self.on_look: Callable[[], None] = lambda: None

    def start(self, order: ReplicaOrder, replicas: int) -> None:
        self.orders.append(order)
        self.standings[order.endpoint] = Standing(EndpointState.STARTING)

    def stop(self, endpoint: str) -> None:
        self.standings.pop(endpoint, None)

    def look(self) -> dict[str, Standing]:
        self.on_look()
        seen = dict(self.standings)
        for order in {order.endpoint: order for order in self.orders}.values():
            if self.standings.get(order.endpoint, READY).state is EndpointState.STARTING:
                self.standings[order.endpoint] = self.outcome(order)
        return seen


def _fits(host: MemoryHost) -> Host:
    return host


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[DirectCatalog]:
    opened = DirectCatalog(tmp_path / "catalog.duckdb")
    for i in range(3):
        opened.models.register_model(ModelDraft("digits", f"file:///models/{i}"), "default")
    yield opened
    opened.close()


@pytest.fixture
def host() -> MemoryHost:
    return MemoryHost()


@pytest.fixture
def deployer(catalog: DirectCatalog, host: MemoryHost, tmp_path: Path) -> Deployer:
    options = StoreOptions(f"file://{tmp_path}/store")
    registry = Registry(catalog.models, open_store_with(options))
    return Deployer(catalog.endpoints, registry, host, Premises(options, "ab" * 32), timeout_s=0.5)


def fail_version(version: int) -> Callable[[ReplicaOrder], Standing]:
    failed = Standing(EndpointState.FAILED, "the model cannot be loaded: no weights")
    return lambda order: failed if order.version.version == version else READY


def test_an_endpoint_is_ready_when_deploy_returns(deployer: Deployer, host: MemoryHost, catalog: DirectCatalog) -> None:
    endpoint = deployer.deploy("lamp", "models:/digits", replicas=2, project="vision")
    assert (endpoint.model, endpoint.version, endpoint.replicas, endpoint.project) == ("digits", 3, 2, "vision")
    assert endpoint.state is EndpointState.READY
    assert catalog.endpoints.get_endpoint("lamp") == endpoint
    assert deployer.get("lamp") == endpoint
    assert deployer.list() == (endpoint,)
    assert host.orders[0].version.reference == "models:/digits/3"
    assert host.orders[0].token_hash == "ab" * 32


def test_what_is_wanted_is_written_before_it_is_started(
    deployer: Deployer, host: MemoryHost, catalog: DirectCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(order: ReplicaOrder, replicas: int) -> None:
        assert catalog.endpoints.get_endpoint("lamp").state is EndpointState.STARTING
        raise Unreachable("Ray Serve", "gone")

    monkeypatch.setattr(host, "start", refuse)
    with pytest.raises(Unreachable):
        deployer.deploy("lamp", "digits")
    assert deployer.get("lamp").state is EndpointState.FAILED


def test_the_same_again_starts_nothing(deployer: Deployer, host: MemoryHost) -> None:
    first = deployer.deploy("lamp", "models:/digits/3")
    assert deployer.deploy("lamp", "digits") == first
    assert len(host.orders) == 1
    assert deployer.deploy("lamp", "digits", replicas=2).replicas == 2
    assert len(host.orders) == 2


def test_another_version_takes_the_place(deployer: Deployer, host: MemoryHost) -> None:
    first = deployer.deploy("lamp", "models:/digits/1")
    second = deployer.deploy("lamp", "models:/digits/2")
    assert (second.version, second.created) == (2, first.created)
    assert [endpoint.version for endpoint in deployer.list()] == [2]


def test_a_first_start_that_fails_is_kept_with_its_cause(deployer: Deployer, host: MemoryHost) -> None:
    host.outcome = fail_version(2)
    with pytest.raises(EndpointFailed, match="models:/digits/2: the model cannot be loaded: no weights"):
        deployer.deploy("lamp", "models:/digits/2")
    endpoint = deployer.get("lamp")
    assert (endpoint.state, endpoint.error) == (EndpointState.FAILED, "the model cannot be loaded: no weights")


def test_a_new_version_that_fails_leaves_the_old_one(
    deployer: Deployer, host: MemoryHost, catalog: DirectCatalog
) -> None:
    host.outcome = fail_version(2)
    first = deployer.deploy("lamp", "models:/digits/1")
    with pytest.raises(EndpointFailed, match="no weights; models:/digits/1 answers as before"):
        deployer.deploy("lamp", "models:/digits/2")
    assert catalog.endpoints.get_endpoint("lamp") == first
    assert [order.version.version for order in host.orders] == [1, 2, 1]


def test_a_start_that_takes_too_long_is_told(deployer: Deployer, host: MemoryHost) -> None:
    host.outcome = lambda order: Standing(EndpointState.STARTING, "no node has 0.1 CPU free")
    with pytest.raises(EndpointFailed, match=r"no replica answered within 0\.5 s: no node has 0\.1 CPU free"):
        deployer.deploy("lamp", "digits")


def test_an_endpoint_that_comes_up_late_is_ready_then(deployer: Deployer, host: MemoryHost) -> None:
    host.outcome = lambda order: Standing(EndpointState.STARTING)
    with pytest.raises(EndpointFailed):
        deployer.deploy("lamp", "digits")
    host.standings["lamp"] = READY
    assert (deployer.get("lamp").state, deployer.get("lamp").error) == (EndpointState.READY, None)


def test_what_cannot_be_meant_is_refused_and_nothing_is_written(deployer: Deployer, host: MemoryHost) -> None:
    for name, model, replicas in (("Lamp", "digits", 1), ("lamp", "digits", 0), ("lamp", "models:/x/y/z", 1)):
        with pytest.raises(BadValue):
            deployer.deploy(name, model, replicas)
    with pytest.raises(NotFound, match="did you mean digits"):
        deployer.deploy("lamp", "digit")
    with pytest.raises(NotFound, match="no alias digits@champion"):
        deployer.deploy("lamp", "models:/digits@champion")
    assert deployer.list() == ()
    assert host.orders == []


def test_what_a_script_has_left_is_not_deployed(deployer: Deployer, host: MemoryHost, catalog: DirectCatalog) -> None:
    manifest = {"format": 1, "saved_as": "pickle", "loading": "pickles"}
    catalog.models.register_model(ModelDraft("own", "file:///models/own", manifest), "default")
    with pytest.raises(BadModel, match="a script has left it as pickle, and loading it opens pickles"):
        deployer.deploy("lamp", "own")
    assert host.orders == []


def test_what_runs_code_when_it_is_loaded_is_deployed_where_that_is_allowed(
    deployer: Deployer, host: MemoryHost, catalog: DirectCatalog
) -> None:
    manifest = {"format": 1, "saved_as": "torch.export", "loading": "code"}
    catalog.models.register_model(ModelDraft("own", "file:///models/own", manifest), "default")
    said = "loading it runs code; its owner or an administrator may allow that: dix models allow own 1"
    with pytest.raises(BadModel, match=said):
        deployer.deploy("lamp", "own")
    catalog.models.trust_model("own", 1, "ana")
    assert deployer.deploy("lamp", "own").version == 1
    assert host.orders[-1].version.trusted_by == "ana"


def test_what_is_read_only_is_deployed_as_it_is(deployer: Deployer, catalog: DirectCatalog) -> None:
    manifest = {"format": 1, "saved_as": "keras", "loading": "data"}
    catalog.models.register_model(ModelDraft("own", "file:///models/own", manifest), "default")
    assert deployer.deploy("lamp", "own").version == 1


def test_the_number_of_a_manifests_own_form_is_nothing_that_a_script_has_left(
    deployer: Deployer, catalog: DirectCatalog
) -> None:
    catalog.models.register_model(ModelDraft("ours", "file:///models/ours", {"format": 1}), "default")
    assert deployer.deploy("lamp", "ours").version == 1


def test_an_alias_is_read_once_and_the_endpoint_keeps_its_version(deployer: Deployer, catalog: DirectCatalog) -> None:
    catalog.aliases.set_alias("digits", "champion", 2, "ana")
    assert deployer.deploy("lamp", "models:/digits@champion").version == 2
    catalog.aliases.set_alias("digits", "champion", 3, "ana")
    assert deployer.get("lamp").version == 2
    assert deployer.deploy("lamp", "models:/digits@champion").version == 3


def test_a_deleted_endpoint_is_forgotten(deployer: Deployer, host: MemoryHost) -> None:
    deployer.deploy("lamp", "digits")
    deployer.delete("lamp")
    assert host.standings == {}
    for forgotten in (deployer.get, deployer.delete):
        with pytest.raises(NotFound):
            forgotten("lamp")


def test_an_endpoint_deleted_while_it_starts_stays_deleted(deployer: Deployer, host: MemoryHost) -> None:
    done = threading.Event()

    def delete_once() -> None:
        if host.orders and not done.is_set():
            done.set()
            deployer.delete("lamp")

    host.on_look = delete_once
    with pytest.raises(EndpointFailed, match="deleted or deployed anew"):
        deployer.deploy("lamp", "digits")
    assert deployer.list() == ()


def test_two_deploys_at_once_end_with_the_last_of_them(deployer: Deployer, host: MemoryHost) -> None:
    def deploy(version: int) -> None:
        with contextlib.suppress(EndpointFailed):
            assert deployer.deploy("lamp", f"models:/digits/{version}").version == version

    threads = [threading.Thread(target=deploy, args=(version,)) for version in (1, 2, 3) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert deployer.get("lamp").state is EndpointState.READY
    assert deployer.get("lamp").version == host.orders[-1].version.version


def test_all_that_was_wanted_comes_back(deployer: Deployer, host: MemoryHost, catalog: DirectCatalog) -> None:
    deployer.deploy("lamp", "models:/digits/1")
    deployer.deploy("torch", "models:/digits/2")
    lost = replace(deployer.get("lamp"), name="lost", model="gone")
    catalog.endpoints.put_endpoint(lost)
    host.standings = {"left": READY}
    host.orders.clear()
    assert {endpoint.name: endpoint.state for endpoint in deployer.list()}["lamp"] is EndpointState.FAILED

    host.outcome = fail_version(2)
    states = {endpoint.name: (endpoint.state, endpoint.error) for endpoint in deployer.restore_all()}
    assert states["lamp"] == (EndpointState.READY, None)
    assert states["torch"] == (EndpointState.FAILED, "the model cannot be loaded: no weights")
    assert states["lost"][0] is EndpointState.FAILED
    assert "no model gone" in states["lost"][1]
    assert "left" not in host.standings


def test_what_answers_already_is_not_started_again(deployer: Deployer, host: MemoryHost) -> None:
    deployer.deploy("lamp", "digits")
    deployer.restore_all()
    assert len(host.orders) == 1
