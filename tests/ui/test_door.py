"""The dashboard's door: who comes in, who does not, and what the browser keeps."""

from __future__ import annotations

import time

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from ui.door import VISIT_S, Door, Key

TOKEN = "s3cret-名"
KEY = Key(TOKEN)
HTML = {"accept": "text/html"}


async def answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"inside {request.url.path}")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("inside")
    await socket.close()


@pytest.fixture
def visitor() -> TestClient:
    routes = [WebSocketRoute("/_stcore/stream", stream), Route("/{path:path}", answer, methods=["GET", "POST"])]
    app = Starlette(routes=routes, middleware=[Middleware(Door, key=KEY)])
    return TestClient(app, follow_redirects=False)


def log_in(visitor: TestClient, token: str = TOKEN, next_path: str = "/runs?run=r1") -> httpx.Response:
    return visitor.post("/login", data={"token": token, "next": next_path})


def test_without_the_token_a_page_is_a_form(visitor: TestClient) -> None:
    response = visitor.get("/runs?run=r1", headers=HTML)
    assert response.status_code == 401
    assert 'name="token"' in response.text
    assert 'value="/runs?run=r1"' in response.text
    assert "inside" not in response.text


@pytest.mark.parametrize("path", ["/static/js/a.js", "/media/a.png", "/_stcore/host-config", "/component/x/index.html"])
def test_without_the_token_there_are_no_files(visitor: TestClient, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 401
    assert "inside" not in response.text


def test_without_the_token_there_is_no_live_connection(visitor: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), visitor.websocket_connect("/_stcore/stream"):
        pass


def test_health_is_open(visitor: TestClient) -> None:
    assert visitor.get("/_stcore/health").text == "inside /_stcore/health"


def test_the_form_opens_the_door_and_goes_on(visitor: TestClient) -> None:
    response = log_in(visitor)
    assert response.status_code == 303
    assert response.headers["location"] == "/runs?run=r1"
    assert visitor.get("/runs", headers=HTML).text == "inside /runs"
    with visitor.websocket_connect("/_stcore/stream") as socket:
        assert socket.receive_text() == "inside"


@pytest.mark.parametrize("origin", ["http://testserver:8888", "https://evil.example", "null", "http://[broken"])
def test_a_page_of_another_server_gets_no_live_connection(visitor: TestClient, origin: str) -> None:
    log_in(visitor)
    with (
        pytest.raises(WebSocketDisconnect),
        visitor.websocket_connect("/_stcore/stream", headers={"Origin": origin}),
    ):
        pass


def test_our_own_page_gets_one_under_any_name_of_this_machine(visitor: TestClient) -> None:
    log_in(visitor)
    with visitor.websocket_connect("/_stcore/stream", headers={"Origin": "http://testserver"}) as socket:
        assert socket.receive_text() == "inside"


def test_the_cookie_can_not_be_read_or_sent_by_other_pages(visitor: TestClient) -> None:
    cookie = log_in(visitor).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert TOKEN not in cookie


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "\x00", "é" * 100])
def test_a_wrong_token_does_not_open_the_door(visitor: TestClient, token: str) -> None:
    response = log_in(visitor, token)
    assert response.status_code == 401
    assert "not the token" in response.text
    assert "set-cookie" not in response.headers
    assert "inside" not in visitor.get("/", headers=HTML).text


def test_an_address_with_the_token_opens_the_door_and_loses_it(visitor: TestClient) -> None:
    response = visitor.get("/runs", params={"state": "failed", "token": TOKEN}, headers=HTML)
    assert response.status_code == 303
    assert response.headers["location"] == "/runs?state=failed"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert visitor.get("/runs", headers=HTML).text == "inside /runs"


def test_an_address_with_a_wrong_token_says_so(visitor: TestClient) -> None:
    response = visitor.get("/", params={"token": "wrong"}, headers=HTML)
    assert response.status_code == 401
    assert "not the token" in response.text
    assert 'value="/"' in response.text


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\r\nb: c", ""]
)
def test_the_form_does_not_send_visitors_elsewhere(visitor: TestClient, path: str) -> None:
    assert log_in(visitor, next_path=path).headers["location"] == "/"


def test_the_form_keeps_text_as_text(visitor: TestClient) -> None:
    response = visitor.get('/"><script>alert(1)</script>', headers=HTML)
    assert "<script>" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_a_huge_form_is_not_read(visitor: TestClient) -> None:
    response = visitor.post("/login", content=b"token=" + TOKEN.encode() + b"&x=" + b"a" * 1_000_000)
    assert response.status_code == 401


def test_a_visit_ends() -> None:
    now_s = time.time()
    cookie = KEY.make_cookie(now_s)
    assert KEY.is_cookie(cookie, now_s)
    assert not KEY.is_cookie(cookie, now_s + VISIT_S + 1)


@pytest.mark.parametrize("change", ["9" + "{}", "{}0", "{}x", "", ".", "99999999999.", "99999999999", "é.é"])
def test_a_forged_cookie_is_refused(change: str) -> None:
    now_s = time.time()
    assert not KEY.is_cookie(change.format(KEY.make_cookie(now_s)), now_s)


def test_a_new_token_ends_all_visits() -> None:
    now_s = time.time()
    other = Key("another")
    assert not other.is_cookie(KEY.make_cookie(now_s), now_s)
    assert other.cookie_name != KEY.cookie_name
