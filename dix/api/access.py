"""What changes who may come in has in common: the book that has to hear of it, and new tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from dix.access.book import TokenBook
from dix.access.secret import hash_secret, make_secret, make_token_id
from dix.api.parts import Parts
from dix.records.moments import now
from dix.records.token import Token, TokenKind

SESSION = timedelta(days=14)
CODE = timedelta(hours=1)


async def _get_book(request: Request) -> TokenBook:
    book: TokenBook = request.app.state.book
    return book


BookHere = Annotated[TokenBook, Depends(_get_book)]


def give_token(parts: Parts, book: TokenBook, token: Token) -> str:
    """Write a token down; returns its secret, which is kept nowhere."""
    secret = make_secret()
    parts.catalog.tokens.create_token(token, hash_secret(secret))
    book.expire()
    return secret


def make_session(user: str, kind: TokenKind = TokenKind.SESSION) -> Token:
    """A session, or a code that opens one, that begins now."""
    moment = now()
    return Token(make_token_id(), user, kind.value, moment, kind, expires=moment + find_length(kind))


def find_length(kind: TokenKind) -> timedelta:
    """How long it lasts."""
    return CODE if kind is TokenKind.CODE else SESSION
