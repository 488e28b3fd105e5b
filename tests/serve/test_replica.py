"""The ASGI application of a replica, asked as a server would."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dix.access.book import TokenBook
from dix.access.secret import hash_secret
from dix.errors import BadModel, BadValue
from dix.frameworks.base import ModelCard, TensorSpec
from dix.frameworks.card import write_card
from dix.frameworks.lookup import load_predictor
from dix.records.access import AccessList
from dix.records.member import Role
from dix.records.moments import now
from dix.records.token import ALL_SCOPES, Scope, Token
from dix.records.user import User
from dix.serve import replica
from dix.serve.door import Door
from dix.serve.replica import Application

TOKEN = "s3cret-ü"
CARD = ModelCard(
    "cnn",
    "torch",
    (TensorSpec("image", "UINT8", (-1, 2)),),
    (TensorSpec("label", "BYTES", (-1,)), TensorSpec("probabilities", "FP32", (-1, 2))),
    ("dark", "light"),
)


class Lightness:
    card = CARD

    def predict(self, columns):
        images = columns["image"]
        if (images == 13).any():
            raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
        if (images == 14).any():
            raise BadValue("image", "no 14", 14)
        light = images.mean(axis=1) / 255
        probabilities = np.stack([1 - light, light], axis=1).astype(np.float32)
        return {
            "label": np.array(CARD.labels, dtype=object)[probabilities.argmax(axis=1)],
            "probabilities": probabilities,
        }


class Tokens:
    """A catalog with a token for each user; cleo is in no project, dora's is no token for endpoints."""

    def read_access(self, known: str | None = None) -> AccessList | None:
        names = ("ana", "cleo", "dora")
        scopes = {"dora": (Scope.READ, Scope.WRITE, Scope.ADMIN)}
        tokens = {name: Token(name, name, "", now(), scopes=scopes.get(name, ALL_SCOPES)) for name in names}
        return AccessList(
            "1",
            {name: User(name, now()) for name in names},
            {hash_secret(name): token for name, token in tokens.items()},
            {"ana": {"vision": Role.VIEWER}, "dora": {"vision": Role.MANAGER}},
        )

    def note_used(self, used: dict[str, Any]) -> None: ...


@pytest.fixture
def application() -> Application:
    book = TokenBook(Tokens(), Tokens(), hashlib.sha256(TOKEN.encode()).hexdigest())  # type: ignore[arg-type]
    return Application("lamp", "3", Lightness(), Door(book, "lamp", "vision"))


class Reply:
    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.status = messages[0]["status"]
        self.headers = dict(messages[0]["headers"])
        self.body = b"".join(message.get("body", b"") for message in messages[1:])

    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    application: Application,
    path: str,
    body: bytes | list[bytes] = b"",
    method: str = "POST",
    authorization: str | None = f"Bearer {TOKEN}",
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> Reply:
    parts = [body] if isinstance(body, bytes) else body
    incoming = [{"type": "http.request", "body": part, "more_body": i < len(parts) - 1} for i, part in enumerate(parts)]
    sent: list[dict[str, Any]] = []
    given = ((b"authorization", authorization.encode()),) if authorization is not None else ()

    async def receive() -> dict[str, Any]:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [*given, *headers]}
    asyncio.run(application(scope, receive, send))
    reply = Reply(sent)
    assert reply.headers[b"content-type"] == b"application/json"
    assert int(reply.headers[b"content-length"]) == len(reply.body)
    return reply


def image(values: list[int], **changes: Any) -> bytes:
    tensor = {"name": "image", "shape": [1, 2], "datatype": "UINT8", "data": values}
    return json.dumps({"inputs": [tensor], **changes}).encode()


def test_it_answers_with_the_version_and_the_id(application: Application) -> None:
    for path in ("/v2/models/lamp/infer", "/v2/models/lamp/versions/3/infer"):
        reply = ask(application, path, image([255, 255], id="7"))
        assert reply.status == 200
        document = reply.json()
        assert (document["model_name"], document["model_version"], document["id"]) == ("lamp", "3", "7")
        assert document["outputs"][0]["data"] == ["light"]
        assert document["outputs"][1]["data"] == [0.0, 1.0]


def test_a_body_in_pieces_is_put_together(application: Application) -> None:
    whole = image([0, 0])
    pieces = [whole[i : i + 7] for i in range(0, len(whole), 7)]
    assert ask(application, "/v2/models/lamp/infer", pieces).json()["outputs"][0]["data"] == ["dark"]


def test_metadata_and_readiness(application: Application) -> None:
    for path in ("/v2/models/lamp", "/v2/models/lamp/versions/3"):
        assert ask(application, path, method="GET").json()["versions"] == ["3"]
    for path in ("/v2/models/lamp/ready", "/v2/models/lamp/versions/3/ready"):
        reply = ask(application, path, method="GET")
        assert (reply.status, reply.json()) == (200, {"name": "lamp", "ready": True})


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer \udcff"],
)
@pytest.mark.parametrize(
    ("path", "method"), [("", "GET"), ("/ready", "GET"), ("/infer", "POST"), ("/nothing", "GET"), ("/infer", "GET")]
)
def test_without_the_token_every_route_is_shut(
    application: Application, authorization: str | None, path: str, method: str
) -> None:
    given = None if authorization is None else authorization.encode("utf-8", "surrogateescape")
    headers = () if given is None else ((b"authorization", given),)
    reply = ask(application, f"/v2/models/lamp{path}", method=method, authorization=None, headers=headers)
    assert reply.status == 401
    assert reply.headers[b"www-authenticate"] == b"Bearer"
    assert "token" in reply.json()["error"]
    assert TOKEN not in reply.json()["error"]


@pytest.mark.parametrize(("token", "status"), [("ana", 200), ("cleo", 404), ("dora", 403), ("eve", 401)])
def test_who_sees_the_project_may_ask_with_a_token_for_that(application: Application, token: str, status: int) -> None:
    reply = ask(application, "/v2/models/lamp", method="GET", authorization=f"Bearer {token}")
    assert reply.status == status


def test_the_scheme_may_be_written_in_any_case(application: Application) -> None:
    assert ask(application, "/v2/models/lamp/ready", method="GET", authorization=f"bearer {TOKEN}").status == 200


@pytest.mark.parametrize("path", ["/nothing", "/", "/infer/", "/versions", "/versions/3/nothing", "x/infer"])
def test_an_unknown_path_is_told(application: Application, path: str) -> None:
    reply = ask(application, f"/v2/models/lamp{path}", method="GET")
    assert reply.status == 404
    assert "/v2/models/lamp/infer" in reply.json()["error"] or "version" in reply.json()["error"]


def test_another_version_is_not_answered_for(application: Application) -> None:
    reply = ask(application, "/v2/models/lamp/versions/4/infer", image([0, 0]))
    assert reply.status == 404
    assert reply.json() == {"error": "no version 4 of endpoint lamp; did you mean 3?"}


def test_another_method_is_told_which_one_it_is(application: Application) -> None:
    for path, method, allowed in (("/infer", "GET", b"POST"), ("/ready", "POST", b"GET"), ("", "DELETE", b"GET")):
        reply = ask(application, f"/v2/models/lamp{path}", method=method)
        assert (reply.status, reply.headers[b"allow"]) == (405, allowed)
        assert reply.json()["error"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"inputs": 7}', image([1, 2, 3]), image([1, 999]), image([1, 14])]
)
def test_a_wrong_body_is_told_in_one_sentence(application: Application, body: bytes) -> None:
    reply = ask(application, "/v2/models/lamp/infer", body)
    assert reply.status == 400
    assert list(reply.json()) == ["error"]
    assert "\n" not in reply.json()["error"]


def test_a_model_that_fails_is_not_the_askers_fault(application: Application) -> None:
    reply = ask(application, "/v2/models/lamp/infer", image([1, 13]))
    assert reply.status == 500
    assert reply.json() == {"error": "lamp: its model failed: mat1 and mat2 shapes cannot be multiplied"}


def test_a_body_that_is_too_large_is_refused(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "MAX_BODY_BYTES", 1000)
    assert ask(application, "/v2/models/lamp/infer", image([0, 0]) + b" " * 900).status == 200
    for pieces in ([b" " * 1001], [b" " * 400] * 3, [b" " * 400] * 30):
        assert ask(application, "/v2/models/lamp/infer", pieces).status == 413
    headers = ((b"content-length", b"5000"), (b"expect", b"100-continue"))
    assert ask(application, "/v2/models/lamp/infer", headers=headers).status == 413


def test_what_is_not_there_yet_is_told(application: Application) -> None:
    for header in ((b"inference-header-content-length", b"7"), (b"content-encoding", b"gzip")):
        reply = ask(application, "/v2/models/lamp/infer", image([0, 0]), headers=(header,))
        assert reply.status == 400
        assert "not there yet" in reply.json()["error"]


def test_the_lifetime_of_the_server_is_followed(application: Application) -> None:
    incoming = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])

    asyncio.run(application({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_websocket_is_closed(application: Application) -> None:
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])

    asyncio.run(application({"type": "websocket", "path": "/v2/models/lamp", "headers": []}, receive, send))
    assert sent == ["websocket.close"]


def test_a_program_that_a_script_has_left_answers_its_own_tensors(tmp_path: Path) -> None:
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Softmax(1))
    (tmp_path / "files").mkdir()
    torch.export.save(torch.export.export(net, (torch.zeros(4, 2),)), tmp_path / "files" / "net.pt2")
    left = ModelCard("script", "torch", (), (), net={"file": "files/net.pt2"}, format="torch.export", loading="code")
    write_card(tmp_path, left)
    with pytest.raises(BadModel, match="its owner or an administrator may allow that: dix models allow MODEL VERSION"):
        load_predictor(tmp_path)
    book = TokenBook(Tokens(), Tokens(), hashlib.sha256(TOKEN.encode()).hexdigest())  # type: ignore[arg-type]
    lamp = Application("lamp", "1", load_predictor(tmp_path, trusted=True), Door(book, "lamp", "vision"))
    known = ask(lamp, "/v2/models/lamp", method="GET").json()
    assert known["platform"] == "pytorch_export"
    assert known["inputs"] == [{"name": "input", "datatype": "FP32", "shape": [-1, 2]}]
    assert known["outputs"] == [{"name": "softmax", "datatype": "FP32", "shape": [-1, 3]}]
    tensor = {"name": "input", "shape": [2, 2], "datatype": "FP32", "data": [[1, 2], [3, 4]]}
    (said,) = ask(lamp, "/v2/models/lamp/infer", json.dumps({"inputs": [tensor]}).encode()).json()["outputs"]
    with torch.no_grad():
        expected = net(torch.tensor([[1.0, 2.0], [3.0, 4.0]])).numpy()
    assert (said["name"], said["datatype"], said["shape"]) == ("softmax", "FP32", [2, 3])
    np.testing.assert_allclose(np.reshape(said["data"], (2, 3)), expected, rtol=1e-5)
    wrong = ask(lamp, "/v2/models/lamp/infer", json.dumps({"inputs": [{**tensor, "datatype": "INT64"}]}).encode())
    assert (wrong.status, wrong.json()["error"]) == (400, "inputs[0].datatype: expected FP32 for input, got 'INT64'")
