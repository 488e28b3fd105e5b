"""The trail: writes down who did what before the answer has gone out, in the audit that nobody can change.

Kept is what changes something, what brings data or a model out, and who tried to come in. Neither bodies nor tokens are
looked at, but for the name of what an answer says was made.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dix.catalog.access_base import Audit
from dix.errors import DixError
from dix.logs import get_logger
from dix.records.audit_entry import AuditEntry
from dix.records.caller import Caller
from dix.records.moments import now

# Operations that only read and are kept all the same.
TAKES_OUT = frozenset({"download", "sign_download", "preview", "export_model", "export_audit"})
# Operations that let somebody in, though a browser comes to them by an address.
LETS_IN = frozenset({"finish_oidc"})
# Questions that come as a POST because they are long.
ONLY_ASKS = frozenset({"check", "estimate_run", "answer_for_missing"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_LARGEST_ANSWER = 64 * 1024  # that is looked through for a name

_logger = get_logger("api")


class Trail:
    """An ASGI wrapper inside of the guard, which knows who asks."""

    def __init__(self, app: ASGIApp, audit: Audit) -> None:
        self._app = app
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, and write down what came of it."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        answer = _Answer()

        async def watched(message: Message) -> None:
            answer.see(message)
            if answer.is_over:
                await self._write(scope, answer)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            await self._write(scope, answer)  # of an answer that broke off; nothing is written twice

    async def _write(self, scope: Scope, answer: _Answer) -> None:
        if answer.is_written or not _is_kept(scope):
            return
        answer.is_written = True
        try:
            await run_in_threadpool(self._audit.add_entry, _make_entry(scope, answer))
        except DixError as error:  # what was done is done
            _logger.warning("the audit does not know of %s %s: %s", scope["method"], scope["path"], error)


class _Answer:
    """What goes out, as far as the audit wants to know it."""

    def __init__(self) -> None:
        self.status = 500
        self.is_over = False
        self.is_written = False
        self._is_json = False
        self._body = b""

    def see(self, message: Message) -> None:
        """Look at a message that is about to go out."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._is_json = "json" in Headers(raw=message["headers"]).get("content-type", "")
        elif message["type"] == "http.response.body":
            if self._is_json and len(self._body) <= _LARGEST_ANSWER:
                self._body += message.get("body", b"")
            self.is_over = not message.get("more_body", False)

    def read(self) -> dict[str, Any]:
        """Its fields; none when it is no object, or a large one."""
        try:
            found = json.loads(self._body) if len(self._body) <= _LARGEST_ANSWER else {}
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def find_origin(scope: Scope) -> str | None:
    """The address that a request comes from, as the front saw it.

    The server has put the front's word in the place of the front's own address. Headers are not looked at here: whoever
    reaches this process beside the front writes what they like into them.
    """
    client = scope.get("client")
    return str(client[0])[:100] if client else None


def note(request: Request, *, name: str | None = None, user: str | None = None, project: str | None = None) -> None:
    """Tell the trail what it cannot see: who tries to come in, or what is done."""
    request.scope.setdefault("state", {}).setdefault("trail", {}).update(name=name, user=user, project=project)


def _is_kept(scope: Scope) -> bool:
    action = _name_action(scope)
    if action is None or action in ONLY_ASKS:
        return False
    return scope["method"] not in _READING or action in TAKES_OUT | LETS_IN


def _name_action(scope: Scope) -> str | None:
    """The name of the operation; None where the address has none."""
    return getattr(scope.get("route"), "name", None)


def _make_entry(scope: Scope, answer: _Answer) -> AuditEntry:
    state = scope.get("state", {})
    caller: Caller | None = state.get("caller")
    told: dict[str, str | None] = state.get("trail", {})
    said, given = answer.read(), scope.get("path_params", {})
    failed = answer.status >= 400
    kind = _name_kind(scope["path"])
    # All that the address names: a project and the member in it, a model and its alias.
    name = told.get("name") or "/".join(map(str, given.values())) or _find_uri(scope)
    project = told.get("project") or (given.get("name") if kind == "project" else None)
    if not failed:
        name = name or said.get("id") or said.get("name")
        project = project or said.get("project") or (said.get("name") if kind == "project" else None)
    return AuditEntry(
        at=now(),
        user=caller.user if caller else told.get("user"),
        token=caller.token if caller else None,
        action=_name_action(scope) or "",
        kind=kind,
        name=_as_text(name),
        project=_as_text(project),
        address=find_origin(scope),
        status=answer.status,
        problem=_as_text(said.get("type")) if failed else None,
    )


def _name_kind(path: str) -> str:
    """What an address is about: `run` for /api/v1/runs/..."""
    return path.removeprefix("/api/v1/").partition("/")[0].removesuffix("s")


def _find_uri(scope: Scope) -> str | None:
    """What an operation on the store is about."""
    return Request(scope).query_params.get("uri") if scope["path"].startswith("/api/v1/data") else None


def _as_text(value: object) -> str | None:
    return value[:1000] if isinstance(value, str) else None
