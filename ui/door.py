"""The dashboard's own door: nobody sees a page, a file or the live connection without the token.

The dashboard acts with the token of this installation, so it shows everything to whoever comes in. A visit needs the
token once: in the address (`?token=...`, which is taken out of the address at once) or in the plain form. What the
browser keeps is a cookie that says until when the visit lasts, signed with the token; a new token ends all visits.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, parse_qsl, quote, urlencode

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

VISIT_S = 14 * 24 * 3600
HEALTH_PATH = "/_stcore/health"
LOGIN_PATH = "/login"
MAX_FORM_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Key:
    """The token that opens the door, and the cookie that stands for it."""

    token: str

    @property
    def cookie_name(self) -> str:
        """Differs between installations, because cookies do not tell ports of one host apart."""
        return f"dix_{hashlib.sha256(b'dix cookie name' + self.token.encode()).hexdigest()[:12]}"

    def is_token(self, text: str) -> bool:
        """Whether this is the token, found out in a time that does not depend on the answer."""
        return hmac.compare_digest(text.encode(errors="replace"), self.token.encode())

    def make_cookie(self, now_s: float) -> str:
        """The cookie of a visit that begins now."""
        until = str(int(now_s) + VISIT_S)
        return f"{until}.{self._sign(until)}"

    def is_cookie(self, text: str, now_s: float) -> bool:
        """Whether a visit goes on."""
        until, _, signature = text.partition(".")
        good = hmac.compare_digest(signature.encode(errors="replace"), self._sign(until).encode())
        return good and until.isdecimal() and int(until) > now_s

    def _sign(self, until: str) -> str:
        return hmac.new(self.token.encode(), f"dix visit {until}".encode(errors="replace"), hashlib.sha256).hexdigest()


class Door:
    """ASGI middleware around the whole dashboard."""

    def __init__(self, app: ASGIApp, key: Key) -> None:
        self._app = app
        self._key = key

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
        if self._is_known(connection) and _is_own_page(connection):
            await self._app(scope, receive, send)
        else:
            await WebSocket(scope, receive, send).close(code=1008)

    async def _answer(self, request: Request) -> Response | None:
        """The door's own answer; None lets the request through."""
        if request.url.path == LOGIN_PATH and request.method == "POST":
            return await self._log_in(request)
        if self._key.is_token(request.query_params.get("token", "")):
            return self._open(request, _leave_out_token(request))
        if self._is_known(request):
            return None
        if "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse("the dashboard wants the token; open its first page\n", status_code=401)
        wrong = "token" in request.query_params
        return HTMLResponse(make_login_page(_leave_out_token(request), wrong=wrong), status_code=401, headers=_HEADERS)

    async def _log_in(self, request: Request) -> Response:
        form = await _read_form(request)
        next_path = form.get("next", "/")
        if self._key.is_token(form.get("token", "").strip()):
            return self._open(request, next_path)
        return HTMLResponse(make_login_page(next_path, wrong=True), status_code=401, headers=_HEADERS)

    def _open(self, request: Request, next_path: str) -> Response:
        answer = RedirectResponse(_keep_on_this_host(next_path), status_code=303, headers=_HEADERS)
        answer.set_cookie(
            self._key.cookie_name,
            self._key.make_cookie(time.time()),
            max_age=VISIT_S,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    def _is_known(self, connection: HTTPConnection) -> bool:
        return self._key.is_cookie(connection.cookies.get(self._key.cookie_name, ""), time.time())


def make_login_page(next_path: str, *, wrong: bool) -> str:
    """The plain form that asks for the token."""
    complaint = f'<p class="wrong" role="alert">{WRONG}</p>' if wrong else ""
    return _PAGE.format(
        title=TITLE, invitation=INVITATION, label=LABEL, enter=ENTER, complaint=complaint, next=escape(next_path)
    )


def _is_own_page(connection: HTTPConnection) -> bool:
    """Whether a live connection is opened by our own page: cookies are sent for those of other ports of a host too."""
    origin = connection.headers.get("origin")
    return origin is None or origin.partition("://")[2] == connection.headers.get("host")


def _leave_out_token(request: Request) -> str:
    """Where the visitor wanted to go, without the token."""
    pairs = [pair for pair in parse_qsl(request.url.query, keep_blank_values=True) if pair[0] != "token"]
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


TITLE = "DI-X"
INVITATION = (
    "This dashboard acts for this installation, so it asks for its token once. "
    "<code>dix up</code> prints an address that holds it; the token itself is in the file "
    "<code>token</code> in the folder <code>DIX_HOME</code> (<code>~/.dix</code> unless you chose another)."
)
LABEL = "Token"
ENTER = "Enter"
WRONG = "That is not the token of this installation."

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
}
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center; }}
main {{ width: min(26rem, calc(100vw - 3rem)); }}
h1 {{ font-size: 1.75rem; margin: 0 0 .5rem; }}
p {{ margin: 0 0 1.25rem; opacity: .8; }}
.wrong {{ color: #c62828; opacity: 1; }}
label {{ display: block; font-weight: 600; margin-bottom: .25rem; }}
input, button {{ font: inherit; padding: .55rem .75rem; border-radius: .5rem; box-sizing: border-box; width: 100%; }}
input {{ border: 1px solid #8888; margin-bottom: .75rem; }}
button {{ border: 0; background: #2f5fd0; color: #fff; font-weight: 600; cursor: pointer; }}
code {{ font-size: .9em; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{invitation}</p>
{complaint}
<form method="post" action="/login">
<input type="hidden" name="next" value="{next}">
<label for="token">{label}</label>
<input id="token" name="token" type="password" autocomplete="current-password" autofocus required>
<button>{enter}</button>
</form>
</main>
</body>
</html>
"""
