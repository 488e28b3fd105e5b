"""The token book: who shows which token, kept in memory so that a request need not ask the catalog.

What it knows is never older than `LATEST_S`, so a token that is revoked, or a member who is none any more, is known
everywhere within a second. It is asked anew in the background after `FRESH_S`, once for all requests, and then only
whether anything has changed. When the catalog does not answer, what was known stays valid: nobody can revoke then
either.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from contextlib import suppress
from datetime import datetime

from starlette.concurrency import run_in_threadpool

from dix.catalog.access_base import Access, Tokens
from dix.errors import PlatformError, Unreachable
from dix.logs import get_logger
from dix.records.access import AccessList
from dix.records.caller import ADMINISTRATOR, Caller
from dix.records.moments import now

FRESH_S = 0.4
LATEST_S = 0.9
# How long requests wait for an answer of the catalog before they go on with what was known.
PATIENCE_S = 1.0
# Strangers make it ask again, because a token may be a moment old; but not more often than that.
STRANGERS_EVERY_S = 0.1
_NOTED_EVERY_S = 60.0

_log = get_logger("access")


class TokenBook:
    """Used from one event loop; `expire` may be called from any thread."""

    def __init__(self, access: Access, tokens: Tokens, home_digest: str) -> None:
        """`home_digest` is the SHA-256 of the token in `$DIX_HOME/token`, the first administrator's own."""
        self._access = access
        self._tokens = tokens
        self._home_digest = home_digest.lower()
        self._list: AccessList | None = None
        self._callers: dict[str, Caller | None] = {}  # those asked for, of this list
        self._asked_at = 0.0  # when the last question was asked that has an answer; moments are monotonic
        self._began_at = 0.0  # when the last question was asked
        self._wanted_after = 0.0  # what was asked before this is out of date
        self._asking: asyncio.Task[None] | None = None  # set while the catalog is asked
        self._failure: PlatformError | None = None  # of the last question, if it had no answer
        self._used: set[str] = set()  # ids of tokens shown since that was last noted
        self._noted_at = time.monotonic()

    async def find_caller(self, digest: str) -> Caller | None:
        """Who shows the token with this SHA-256; None for one that opens nothing.

        Raises Unreachable when it is not known, and the catalog does not answer.
        """
        if hmac.compare_digest(digest, self._home_digest):
            return ADMINISTRATOR
        arrived = time.monotonic()
        latest = max(arrived - LATEST_S, self._wanted_after)
        if self._asked_at < latest:
            await self._ask_after(latest)
        elif self._asked_at < arrived - FRESH_S:
            self._begin()
        caller = self._look_up(digest)
        if caller is None:
            await asyncio.sleep(max(0.0, self._began_at + STRANGERS_EVERY_S - arrived))
            await self._ask_after(arrived)
            caller = self._look_up(digest)
        if caller is None and self._failure is not None:
            raise Unreachable("the catalog", str(self._failure))
        return caller

    def expire(self) -> None:
        """Something was changed from here: the next request shall know it."""
        self._wanted_after = time.monotonic()

    def _look_up(self, digest: str) -> Caller | None:
        if self._list is None:
            return None
        if digest not in self._callers:
            found = self._list.find_caller(digest, now())
            if found is None:
                return None  # strangers are not remembered: there is no end of them
            self._callers[digest] = found
        caller = self._callers[digest]
        if caller is None or (caller.expires is not None and caller.expires <= now()):
            return None
        self._used.add(caller.token)
        return caller

    async def _ask_after(self, moment: float) -> None:
        """Return once a question of that moment, or a later one, has an answer, or patience ends."""
        while self._asked_at < moment:
            task = self._begin()
            left_s = self._began_at + PATIENCE_S - time.monotonic()
            done, _ = await asyncio.wait([task], timeout=max(0.0, left_s))
            if not done:
                return

    def _begin(self) -> asyncio.Task[None]:
        if self._asking is None:
            self._began_at = time.monotonic()
            self._asking = asyncio.create_task(self._ask())
        return self._asking

    async def _ask(self) -> None:
        began_at = self._began_at
        try:
            known = self._list.version if self._list else None
            fresh = await run_in_threadpool(self._access.read_access, known)
            if fresh is not None:
                self._list, self._callers = fresh, {}
            self._failure = None
            await self._note_used()
        except PlatformError as error:
            _log.warning("who may come in is as it was last known: %s", error)
            self._failure = error
        finally:
            self._asked_at = began_at
            self._asking = None

    async def _note_used(self) -> None:
        if not self._used or time.monotonic() < self._noted_at + _NOTED_EVERY_S:
            return
        moment: datetime = now()
        used, self._used, self._noted_at = dict.fromkeys(self._used, moment), set(), time.monotonic()
        with suppress(PlatformError):
            await run_in_threadpool(self._tokens.note_used, used)
