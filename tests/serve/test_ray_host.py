"""Endpoints on a real cluster: deployed, asked, replaced under load, deleted."""

import http.client
import threading
import time
from typing import Any

import psutil
import pytest

from dix.access.secret import hash_secret
from dix.catalog.proxy import ProxyCatalog
from dix.errors import EndpointFailed
from dix.records.endpoint import EndpointState
from dix.records.member import Member, Role
from dix.records.moments import now
from dix.records.token import Token
from dix.records.user import User
from dix.serve.haproxy import find_haproxy
from tests.serve.conftest import find_fronts, wait_until

INFER = "/v2/models/lamp/infer"


def images(*values: int) -> dict[str, Any]:
    data = [[[value] * 4] * 4 for value in values]
    return {"id": "a", "inputs": [{"name": "image", "shape": [len(values), 4, 4], "datatype": "UINT8", "data": data}]}


@pytest.fixture(scope="module")
def lamp(place, versions):
    endpoint = place.deployer.deploy("lamp", "models:/digits/1")
    assert endpoint.state is EndpointState.READY
    return endpoint


@pytest.mark.ray
def test_a_deployed_model_answers_at_once_with_the_right_labels(place, lamp) -> None:
    status, answer = place.ask(INFER, images(10, 240, 30))
    assert status == 200
    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("lamp", "1", "a")
    label, probabilities = answer["outputs"]
    assert label == {"name": "label", "shape": [3], "datatype": "BYTES", "data": ["dark", "light", "dark"]}
    assert probabilities["shape"] == [3, 2]
    assert sum(probabilities["data"]) == pytest.approx(3)
    assert place.ask("/v2/models/lamp/ready")[1] == {"name": "lamp", "ready": True}
    assert place.ask("/v2/models/lamp")[1]["inputs"] == [{"name": "image", "datatype": "UINT8", "shape": [-1, 4, 4]}]


@pytest.mark.ray
def test_wrong_tokens_and_wrong_bodies_are_refused_through_the_front(place, lamp) -> None:
    for token in (None, "", "wrong"):
        status, answer = place.ask(INFER, images(1), token=token)
        assert (status, list(answer)) == (401, ["error"])
    for body in (b"", b"{", images(1)["inputs"]):
        status, answer = place.ask(INFER, body)
        assert (status, list(answer)) == (400, ["error"])
    status, answer = place.ask(INFER, b" " * (40 * 1024 * 1024))
    assert status == 413
    assert "32 MiB" in answer["error"]
    assert place.ask(INFER, images(1))[0] == 200


@pytest.mark.ray
def test_a_token_that_is_revoked_opens_no_endpoint_within_a_second(place, lamp) -> None:
    catalog = ProxyCatalog()
    catalog.users.create_user(User("ana", now()))
    catalog.members.put_member(Member("default", "ana", Role.VIEWER, now()))
    catalog.tokens.create_token(Token("t1", "ana", "", now()), hash_secret("ana's"))
    assert place.ask(INFER, images(1), token="ana's")[0] == 200
    took_s = []
    for change in (
        lambda: catalog.members.delete_member("default", "ana"),
        lambda: catalog.tokens.revoke_token("t1", now()),
    ):
        before = place.ask(INFER, images(1), token="ana's")[0]
        change()
        began = time.monotonic()
        while place.ask(INFER, images(1), token="ana's")[0] == before:
            pass
        took_s.append(time.monotonic() - began)
    print("known at the endpoint after", ", ".join(f"{one:.2f} s" for one in took_s))
    assert place.ask(INFER, images(1), token="ana's")[0] == 401
    assert max(took_s) < 1


@pytest.mark.ray
def test_what_no_endpoint_has_goes_to_the_control_application(place, lamp) -> None:
    for path in ("/", "/v2/models/lamps", "/v2/models/other/infer", "/v2/health/live"):
        assert place.ask(path)[1] == {"control": path}


@pytest.mark.ray
@pytest.mark.skipif(find_haproxy() is None, reason="there is no HAProxy for this machine")
def test_the_front_listens_at_its_own_port_only(place, lamp) -> None:
    fronts = find_fronts(place.front)
    assert fronts
    listening = {
        (entry.laddr.ip, entry.laddr.port)
        for process in fronts
        for entry in process.net_connections("inet")
        if entry.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", place.port)}
    sockets = [path for path in place.front.rglob("*") if path.is_socket()]
    assert sockets
    assert all(path.stat().st_mode & 0o077 == 0 for path in sockets)


@pytest.mark.ray
def test_another_version_takes_over_without_an_outage(place, lamp, versions) -> None:
    seen: list[tuple[int, str]] = []
    closed: list[Exception] = []
    errors: list[Exception] = []
    stop = threading.Event()

    def ask_again_and_again() -> None:
        connection, is_fresh = place.connect(), True
        while not stop.is_set():
            try:
                status, answer = place.ask(INFER, images(240), connection=connection)
                seen.append((status, answer["model_version"]))
                is_fresh = False
            except (http.client.HTTPException, OSError) as error:
                # A connection that is kept may be closed in the moment in which it is used again, and whoever meets
                # that asks again on a fresh one (RFC 9112, 9.3.1). A broken answer is something else.
                is_closed = isinstance(error, ConnectionError) and not is_fresh
                (closed if is_closed else errors).append(error)
                connection.close()
                is_fresh = True

    idle = place.connect()
    assert place.ask(INFER, images(1), connection=idle)[0] == 200
    threads = [threading.Thread(target=ask_again_and_again) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: len(seen) > 100)
        assert place.deployer.deploy("lamp", "models:/digits/2").version == 2
        told = len(seen)
        wait_until(lambda: len(seen) > told + 200)
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=20)
    assert {status for status, _ in seen} == {200}
    assert errors == []
    assert len(closed) <= len(threads), "more than the connections that the old front had kept"
    assert {version for _, version in seen[told + 10 :]} == {"2"}
    assert place.deployer.get("lamp").version == 2
    try:
        status, answer = place.ask(INFER, images(1), connection=idle)
    except (http.client.RemoteDisconnected, ConnectionError):
        # Closed while nobody used it: a client opens another one.
        status, answer = place.ask(INFER, images(1))
    assert (status, answer["model_version"]) == (200, "2")


@pytest.mark.ray
def test_a_version_that_cannot_be_loaded_leaves_the_old_one(place, lamp, versions) -> None:
    before = place.deployer.get("lamp").version
    folder = open_artifact(place, versions[2])
    (folder / "weights.safetensors").write_bytes(b"evil")
    with pytest.raises(EndpointFailed, match=r"is damaged.*; models:/digits/\d answers as before"):
        place.deployer.deploy("lamp", "models:/digits/3")
    assert place.ask(INFER, images(240))[1]["model_version"] == str(before)
    wait_until(lambda: place.deployer.get("lamp").state is EndpointState.READY)
    assert place.ask(INFER, images(240))[1]["model_version"] == str(before)


@pytest.mark.ray
def test_an_endpoint_can_be_deployed_from_inside_a_replica(place, lamp) -> None:
    assert place.ask("/deploy/inner/2") == (200, {"control": "/deploy/inner/2", "state": "ready"})
    assert place.ask("/v2/models/inner/infer", images(240))[1]["outputs"][0]["data"] == ["light"]
    assert [endpoint.name for endpoint in place.deployer.list()] == ["inner", "lamp"]


@pytest.mark.ray
def test_a_deleted_endpoint_answers_no_more_and_comes_back_when_wanted(place, lamp) -> None:
    endpoint = place.deployer.get("lamp")
    place.deployer.delete("lamp")
    assert place.ask(INFER, images(1)) == (200, {"control": INFER})
    place.deployer._endpoints.put_endpoint(endpoint)
    assert place.deployer.get("lamp").state is EndpointState.FAILED
    assert {restored.state for restored in place.deployer.restore_all()} == {EndpointState.READY}
    assert place.ask(INFER, images(240))[1]["outputs"][0]["data"] == ["light"]


def open_artifact(place, version):
    folder = place.folder / version.uri.removeprefix(f"file://{place.folder}/")
    assert folder.is_dir()
    return folder


def test_the_cause_is_found_in_what_serve_says() -> None:
    from dix.serve.ray_host import find_cause

    trace = "The deployment failed to start 2 times in a row.\nTraceback ...\ndix.errors.BadModel: no weights\n\nmore"
    assert find_cause(trace) == "no weights"
    assert find_cause("first\nModuleNotFoundError: No module named 'x'\n") == "ModuleNotFoundError: No module named 'x'"
    assert find_cause("") is None
