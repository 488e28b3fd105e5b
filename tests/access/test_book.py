"""The token book: what it knows, how soon it hears of changes, and what it does when nobody answers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from dix.access.book import FRESH_S, LATEST_S, TokenBook
from dix.access.secret import hash_secret, read_bearer
from dix.errors import CatalogError, Unreachable
from dix.records.access import AccessList
from dix.records.caller import ADMINISTRATOR
from dix.records.moments import now
from dix.records.token import Token
from dix.records.user import User


class Drawers:
    """A catalog that says what the test wants, and counts how often it is asked."""

    def __init__(self) -> None:
        self.version = 1
        self.tokens = {hash_secret("ana's"): Token("t1", "ana", "mine", now())}
        self.asked = 0
        self.failing = False
        self.open = threading.Event()
        self.open.set()
        self.used: dict[str, datetime] = {}

    def read_access(self, known: str | None = None) -> AccessList | None:
        self.asked += 1
        self.open.wait(5)
        if self.failing:
            raise CatalogError("no disk")
        if known == str(self.version):
            return None
        return AccessList(str(self.version), {"ana": User("ana", now())}, dict(self.tokens))

    def note_used(self, used: dict[str, datetime]) -> None:
        self.used |= used

    def revoke(self) -> None:
        self.tokens, self.version = {}, self.version + 1


def play(scene: Callable[[TokenBook, Drawers], Awaitable[Any]]) -> Any:
    drawers = Drawers()

    async def act() -> Any:
        return await scene(TokenBook(drawers, drawers, hash_secret("home").upper()), drawers)  # type: ignore[arg-type]

    return asyncio.run(act())


def test_a_known_token_names_its_user_and_another_one_nobody() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> None:
        caller = await book.find_caller(hash_secret("ana's"))
        assert caller is not None
        assert (caller.user, caller.is_administrator) == ("ana", False)
        assert await book.find_caller(hash_secret("guessed")) is None

    play(scene)


def test_the_token_of_the_home_is_the_administrators_whatever_the_catalog_does() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> None:
        drawers.failing = True
        assert await book.find_caller(hash_secret("home")) is ADMINISTRATOR
        assert drawers.asked == 0

    play(scene)


def test_many_requests_ask_once() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> None:
        callers = await asyncio.gather(*(book.find_caller(hash_secret("ana's")) for _ in range(500)))
        assert all(callers)
        assert drawers.asked == 1

    play(scene)


def test_a_revoked_token_is_unknown_within_a_second_while_requests_come() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> float:
        assert await book.find_caller(hash_secret("ana's"))
        drawers.revoke()
        began = time.monotonic()
        while await book.find_caller(hash_secret("ana's")):  # noqa: ASYNC110 as requests come
            await asyncio.sleep(0.005)
        return time.monotonic() - began

    took_s = play(scene)
    print(f"revoked after {took_s:.2f} s")
    assert took_s < LATEST_S


def test_a_revoked_token_is_unknown_at_once_after_a_silence() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> None:
        assert await book.find_caller(hash_secret("ana's"))
        drawers.revoke()
        await asyncio.sleep(LATEST_S)
        assert await book.find_caller(hash_secret("ana's")) is None

    play(scene)


def test_what_was_changed_from_here_is_known_at_the_next_request() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> None:
        assert await book.find_caller(hash_secret("ana's"))
        drawers.revoke()
        book.expire()
        assert await book.find_caller(hash_secret("ana's")) is None

    play(scene)


def test_a_new_token_opens_at_once() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> None:
        assert await book.find_caller(hash_secret("ana's"))
        drawers.tokens[hash_secret("new")] = Token("t2", "ana", "new", now())
        drawers.version += 1
        assert await book.find_caller(hash_secret("new"))

    play(scene)


def test_strangers_do_not_make_it_ask_all_the_time() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> None:
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            await asyncio.gather(*(book.find_caller(hash_secret(f"guess {number}")) for number in range(50)))
        assert drawers.asked <= 8

    play(scene)


def test_requests_do_not_wait_while_it_is_asked_in_the_background() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> None:
        assert await book.find_caller(hash_secret("ana's"))
        await asyncio.sleep(FRESH_S + 0.05)
        drawers.open.clear()
        began = time.monotonic()
        assert await book.find_caller(hash_secret("ana's"))
        assert time.monotonic() - began < 0.2
        drawers.open.set()

    play(scene)


def test_what_was_known_stays_valid_while_the_catalog_fails_and_no_longer() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> None:
        assert await book.find_caller(hash_secret("ana's"))
        drawers.failing = True
        drawers.revoke()
        book.expire()
        assert await book.find_caller(hash_secret("ana's"))
        with pytest.raises(Unreachable, match="no disk"):
            await book.find_caller(hash_secret("new"))
        drawers.failing = False
        book.expire()
        assert await book.find_caller(hash_secret("ana's")) is None

    play(scene)


def test_an_expired_token_opens_nothing_also_when_it_was_known() -> None:
    async def scene(book: TokenBook, drawers: Drawers) -> None:
        soon = now() + timedelta(seconds=0.15)
        drawers.tokens = {hash_secret("brief"): Token("t3", "ana", "brief", now(), expires=soon)}
        assert await book.find_caller(hash_secret("brief"))
        await asyncio.sleep(0.2)
        assert await book.find_caller(hash_secret("brief")) is None

    play(scene)


def test_only_bearer_tokens_are_tokens() -> None:
    assert read_bearer(b"Bearer  abc ") == read_bearer(b"bearer abc") == hash_secret("abc")
    assert read_bearer(b"Basic abc") == read_bearer(b"abc") == read_bearer(b"") == hash_secret("")
