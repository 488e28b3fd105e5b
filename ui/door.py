"""The dashboard's own door: nobody sees a page, a file or the live connection without a session.

A visitor signs in with a name and a password in the plain form, or by an address with a code in it (`?login=...`,
which opens a session once and is taken out of the address at once). What the browser keeps is the session's token, in a
cookie that scripts cannot read and other sites' pages do not send along.
"""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs, parse_qsl, quote, urlencode

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from ui.sessions import Elsewhere, Opened, Sessions

VISIT_S = 14 * 24 * 3600
HEALTH_PATH = "/_stcore/health"
LOGIN_PATH = "/login"
LOGOUT_PATH = "/logout"
CODE = "login"
MAX_FORM_BYTES = 10_000


class Door:
    """ASGI middleware around the whole dashboard."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what may pass; answer everything else here."""
        if scope["type"] == "lifespan" or scope["path"] == HEALTH_PATH:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._guard_websocket(scope, receive, send)
        else:
            answer = await self._answer(Request(scope, receive))
            await (answer or self._app)(scope, receive, send)

    async def _guard_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        if _is_own_page(connection) and await self._is_known(connection):
            await self._app(scope, receive, send)
        else:
            await WebSocket(scope, receive, send).close(code=1008)

    async def _answer(self, request: Request) -> Response | None:
        """The door's own answer; None lets the request through."""
        if request.url.path in {LOGIN_PATH, LOGOUT_PATH} and request.method == "POST":
            return await (self._log_in(request) if request.url.path == LOGIN_PATH else self._log_out(request))
        if request.url.path == LOGOUT_PATH:
            return _show_page(make_logout_page(), 200)
        if CODE in request.query_params and request.method == "GET":
            return await self._use_code(request, request.query_params[CODE])
        if request.url.path != LOGIN_PATH and await self._is_known(request):
            return None
        return await self._refuse(request)

    async def _use_code(self, request: Request, code: str) -> Response:
        opened = await self._sessions.open(code=code)
        # Who is in already goes on: the same address may be opened again, in the same browser.
        if opened.token is None and await self._is_known(request):
            return RedirectResponse(_keep_on_this_host(_leave_out_code(request)), status_code=303, headers=_HEADERS)
        return await self._enter(request, opened, _leave_out_code(request))

    async def _log_in(self, request: Request) -> Response:
        form = await _read_form(request)
        next_path = form.get("next", "/")
        if not _is_own_page(request):
            return await self._ask_who(403, next_path)
        opened = await self._sessions.open(name=form.get("name", "").strip(), password=form.get("password", ""))
        return await self._enter(request, opened, next_path)

    async def _log_out(self, request: Request) -> Response:
        if not _is_own_page(request):  # taking the cookie away would sign the visitor out as well
            return RedirectResponse(LOGOUT_PATH, status_code=303, headers=_HEADERS)
        token = request.cookies.get(self._sessions.cookie_name, "")
        if await self._sessions.is_good(token):
            await self._sessions.close(token)
        answer = RedirectResponse(LOGIN_PATH, status_code=303, headers=_HEADERS)
        answer.delete_cookie(self._sessions.cookie_name, httponly=True, samesite="lax")
        return answer

    async def _enter(self, request: Request, opened: Opened, next_path: str) -> Response:
        if opened.token is None:
            return await self._ask_who(401, next_path, opened.complaint)
        answer = RedirectResponse(_keep_on_this_host(next_path), status_code=303, headers=_HEADERS)
        answer.set_cookie(
            self._sessions.cookie_name,
            opened.token,
            max_age=VISIT_S,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    async def _refuse(self, request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse("sign in on the first page of the dashboard\n", status_code=401)
        return await self._ask_who(401, _leave_out_code(request))

    async def _ask_who(self, status: int, next_path: str, complaint: str = "") -> Response:
        page = make_login_page(next_path, complaint, await self._sessions.find_elsewhere())
        return _show_page(page, status)

    async def _is_known(self, connection: HTTPConnection) -> bool:
        return await self._sessions.is_good(connection.cookies.get(self._sessions.cookie_name, ""))


def make_login_page(next_path: str, complaint: str = "", elsewhere: Elsewhere | None = None) -> str:
    """The plain form that asks for name and password, and the way to where one can sign in instead."""
    told = f'<p class="wrong" role="alert">{escape(complaint)}</p>' if complaint else ""
    form = _LOGIN.format(
        invitation=INVITATION, name=NAME, password=PASSWORD, enter=ENTER, complaint=told, next=escape(next_path)
    )
    return _PAGE.replace("{content}", form + _make_link(elsewhere))


def _make_link(elsewhere: Elsewhere | None) -> str:
    if elsewhere is None or not elsewhere.address.startswith(("https://", "http://")):
        return ""
    return _ELSEWHERE.format(address=escape(elsewhere.address), enter=ENTER_WITH.format(name=escape(elsewhere.name)))


def make_logout_page() -> str:
    """One button: a link alone would let another page sign visitors out."""
    return _PAGE.replace("{content}", _LOGOUT.format(question=QUESTION, leave=LEAVE))


def _show_page(page: str, status: int) -> Response:
    return HTMLResponse(page, status_code=status, headers=_HEADERS)


def _is_own_page(connection: HTTPConnection) -> bool:
    """Whether a live connection is opened by our own page: cookies are sent for those of other ports of a host too."""
    origin = connection.headers.get("origin")
    return origin is None or origin.partition("://")[2] == connection.headers.get("host")


def _leave_out_code(request: Request) -> str:
    """Where the visitor wanted to go, without the code."""
    pairs = [pair for pair in parse_qsl(request.url.query, keep_blank_values=True) if pair[0] != CODE]
    path = "/" if request.url.path == LOGIN_PATH else quote(request.scope["path"])
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _keep_on_this_host(path: str) -> str:
    """Only a path of this server is gone on to, and browsers read two slashes of either kind as another host."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


async def _read_form(request: Request) -> dict[str, str]:
    """The fields of a small form; what is too large to be one counts as empty."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM_BYTES:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}


INVITATION = (
    "Sign in with the name and the password that an administrator gave you. On your own machine, "
    "<code>dix up</code> prints an address that needs neither."
)
NAME = "Name"
PASSWORD = "Password"  # noqa: S105 a label
ENTER = "Sign in"
ENTER_WITH = "Sign in with {name}"
QUESTION = "Do you want to sign out?"
LEAVE = "Sign out"

_HEADERS = {
    "Cache-Control": "no-store",
    # Without a referrer at all, a form's origin would not be told either, and it is asked for.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
}
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>DI-X</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { width: min(26rem, calc(100vw - 3rem)); }
h1 { font-size: 1.75rem; margin: 0 0 .5rem; }
p { margin: 0 0 1.25rem; opacity: .8; }
.wrong { color: #c62828; opacity: 1; }
label { display: block; font-weight: 600; margin-bottom: .25rem; }
input, button { font: inherit; padding: .55rem .75rem; border-radius: .5rem; box-sizing: border-box; width: 100%; }
input { border: 1px solid #8888; margin-bottom: .75rem; }
button { border: 0; background: #2f5fd0; color: #fff; font-weight: 600; cursor: pointer; }
.elsewhere { margin-top: 1.25rem; text-align: center; opacity: 1; }
code { font-size: .9em; }
</style>
</head>
<body>
<main>
<h1>DI-X</h1>
{content}
</main>
</body>
</html>
"""
_LOGIN = """\
<p>{invitation}</p>
{complaint}
<form method="post" action="/login">
<input type="hidden" name="next" value="{next}">
<label for="name">{name}</label>
<input id="name" name="name" autocomplete="username" autofocus required>
<label for="password">{password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>{enter}</button>
</form>"""
_ELSEWHERE = """
<p class="elsewhere"><a href="{address}">{enter}</a></p>"""
_LOGOUT = """\
<p>{question}</p>
<form method="post" action="/logout"><button>{leave}</button></form>"""
