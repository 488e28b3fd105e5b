"""The dashboard's door: who comes in, who does not, and what the browser keeps."""

from __future__ import annotations

import json

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from ui.door import Door
from ui.sessions import Sessions, name_cookie

API = "http://127.0.0.1:8000"
TOKEN = "dix_session-of-ana"
PASSWORD = "s3cret-名"
HTML = {"accept": "text/html"}


class Api:
    """The API in this process: one user, one code, one session."""

    def __init__(self) -> None:
        self.codes = {"c0de"}
        self.oidc: dict[str, str] | None = None
        self.is_open = True
        self.silent = False
        self.asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.silent:
            raise httpx.ConnectError("nobody")
        if request.url.path == "/api/v1/login" and request.method == "GET":
            return httpx.Response(200, json={"oidc": self.oidc})
        if request.url.path == "/api/v1/login":
            return self._log_in(request)
        self.asked += 1
        is_good = self.is_open and request.headers["authorization"] == f"Bearer {TOKEN}"
        if request.url.path == "/api/v1/logout" and is_good:
            self.is_open = False
            return httpx.Response(204)
        return httpx.Response(200 if is_good else 401, json={})

    def _log_in(self, request: httpx.Request) -> httpx.Response:
        proof = json.loads(request.content)
        if proof.get("name") == "often":
            return httpx.Response(429, json={"detail": "wait <b>9</b> s"})
        if proof == {"name": "ana", "password": PASSWORD} or proof.get("code") in self.codes:
            self.codes.discard(proof.get("code", ""))
            return httpx.Response(201, json={"token": TOKEN})
        return httpx.Response(401, json={"detail": "no"})


@pytest.fixture
def api() -> Api:
    return Api()


async def answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"inside {request.url.path}")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("inside")
    await socket.close()


@pytest.fixture
def visitor(api: Api) -> TestClient:
    routes = [WebSocketRoute("/_stcore/stream", stream), Route("/{path:path}", answer, methods=["GET", "POST"])]
    sessions = Sessions(API, httpx.MockTransport(api))
    app = Starlette(routes=routes, middleware=[Middleware(Door, sessions=sessions)])
    return TestClient(app, follow_redirects=False)


def log_in(visitor: TestClient, password: str = PASSWORD, next_path: str = "/runs?run=r1") -> httpx.Response:
    return visitor.post("/login", data={"name": " ana ", "password": password, "next": next_path})


def test_without_a_session_a_page_is_a_form(visitor: TestClient) -> None:
    response = visitor.get("/runs?run=r1", headers=HTML)
    assert response.status_code == 401
    assert 'name="password"' in response.text
    assert 'value="/runs?run=r1"' in response.text
    assert "inside" not in response.text


@pytest.mark.parametrize("path", ["/static/js/a.js", "/media/a.png", "/_stcore/host-config", "/component/x/index.html"])
def test_without_a_session_there_are_no_files(visitor: TestClient, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 401
    assert "inside" not in response.text


def test_without_a_session_there_is_no_live_connection(visitor: TestClient) -> None:
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
    assert PASSWORD not in cookie


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + "x", "\x00", "é" * 100])
def test_a_wrong_password_does_not_open_the_door(visitor: TestClient, password: str) -> None:
    response = log_in(visitor, password)
    assert response.status_code == 401
    assert "do not belong together" in response.text
    assert "set-cookie" not in response.headers
    assert "inside" not in visitor.get("/", headers=HTML).text


def test_a_form_of_another_page_signs_nobody_in(visitor: TestClient) -> None:
    form = {"name": "ana", "password": PASSWORD}
    for origin in ("https://evil.example", "http://testserver:8888", "null"):
        response = visitor.post("/login", data=form, headers={"Origin": origin})
        assert response.status_code == 403
        assert "set-cookie" not in response.headers
    assert visitor.post("/login", data=form, headers={"Origin": "http://testserver"}).status_code == 303


def test_what_the_api_says_stands_as_text(visitor: TestClient) -> None:
    response = visitor.post("/login", data={"name": "often", "password": "x"})
    assert "wait &lt;b&gt;9&lt;/b&gt; s" in response.text


def test_an_address_with_a_code_opens_the_door_once_and_loses_it(visitor: TestClient, api: Api) -> None:
    response = visitor.get("/runs", params={"state": "failed", "login": "c0de"}, headers=HTML)
    assert response.status_code == 303
    assert response.headers["location"] == "/runs?state=failed"
    assert visitor.get("/runs", headers=HTML).text == "inside /runs"
    again = visitor.get("/runs", params={"login": "c0de"}, headers=HTML)
    assert (again.status_code, again.headers["location"]) == (303, "/runs")
    visitor.cookies.clear()
    late = visitor.get("/", params={"login": "c0de"}, headers=HTML)
    assert late.status_code == 401
    assert "dix up" in late.text
    assert 'value="/"' in late.text


def test_to_look_whether_an_address_is_there_uses_no_code_up(visitor: TestClient, api: Api) -> None:
    visitor.head("/", params={"login": "c0de"})
    assert api.codes == {"c0de"}


def test_signing_out_ends_the_session_for_all_pages(visitor: TestClient, api: Api) -> None:
    log_in(visitor)
    assert "Sign out" in visitor.get("/logout", headers=HTML).text
    assert visitor.post("/logout", headers={"Origin": "https://evil.example"}).status_code == 303
    assert api.is_open
    assert visitor.get("/", headers=HTML).status_code == 200
    assert visitor.post("/logout").headers["location"] == "/login"
    assert not api.is_open
    assert visitor.get("/", headers=HTML).status_code == 401
    assert "inside" not in visitor.get("/login", headers=HTML).text


def test_a_session_that_was_ended_elsewhere_is_out_within_seconds(
    visitor: TestClient, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(visitor)
    assert visitor.get("/", headers=HTML).status_code == 200
    api.is_open = False
    monkeypatch.setattr("ui.sessions.KNOWN_S", 0.0)
    assert visitor.get("/", headers=HTML).status_code == 401


def test_many_files_of_a_page_ask_once(visitor: TestClient, api: Api) -> None:
    log_in(visitor)
    for number in range(30):
        assert visitor.get(f"/static/{number}.js").status_code == 200
    assert api.asked == 1


def test_a_silent_api_lets_nobody_new_in(visitor: TestClient, api: Api) -> None:
    api.silent = True
    assert "does not answer" in log_in(visitor).text
    visitor.cookies.set(name_cookie(API), "dix_made-up")
    assert visitor.get("/", headers=HTML).status_code == 401


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\r\nb: c", ""]
)
def test_the_form_does_not_send_visitors_elsewhere(visitor: TestClient, path: str) -> None:
    assert log_in(visitor, next_path=path).headers["location"] == "/"


def test_an_address_with_a_code_does_not_send_visitors_elsewhere(visitor: TestClient) -> None:
    log_in(visitor)
    for code in ("used", "c0de"):
        answer = visitor.get(f"http://testserver//evil.example/?login={code}", headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_form_keeps_text_as_text(visitor: TestClient) -> None:
    response = visitor.get('/"><script>alert(1)</script>', headers=HTML)
    assert "<script>" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


def test_a_huge_form_is_not_read(visitor: TestClient) -> None:
    body = b"name=ana&password=" + PASSWORD.encode() + b"&x=" + b"a" * 1_000_000
    assert visitor.post("/login", content=body).status_code == 401


def test_two_installations_on_one_machine_have_cookies_of_their_own() -> None:
    assert name_cookie("http://127.0.0.1:8000") != name_cookie("http://127.0.0.1:8001")


@pytest.mark.parametrize("token", ["", "guessed", "é", "a\tb", "x" * 5000])
def test_a_made_up_cookie_is_refused(visitor: TestClient, token: str) -> None:
    cookie = f"{name_cookie(API)}={token}".encode()
    assert visitor.get("/", headers={**HTML, "cookie": cookie}).status_code == 401  # type: ignore[dict-item]


def test_the_form_shows_where_else_one_can_sign_in(api: Api, visitor: TestClient) -> None:
    assert "<a " not in visitor.get("/", headers=HTML).text
    api.oidc = {"name": "login.<b>example</b>", "address": 'https://dix.example.org/api/v1/login/oidc?"'}
    sessions = Sessions(API, httpx.MockTransport(api))
    page = TestClient(Starlette(middleware=[Middleware(Door, sessions=sessions)]), follow_redirects=False)
    shown = page.get("/", headers=HTML).text
    assert "Sign in with login.&lt;b&gt;example&lt;/b&gt;" in shown
    assert 'href="https://dix.example.org/api/v1/login/oidc?&quot;"' in shown


def test_an_address_that_is_a_script_is_not_shown(api: Api, visitor: TestClient) -> None:
    api.oidc = {"name": "x", "address": "javascript:alert(1)"}
    assert "javascript" not in visitor.get("/", headers=HTML).text
