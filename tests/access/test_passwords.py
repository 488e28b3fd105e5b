"""Passwords are hashed, compared and bounded."""

from __future__ import annotations

import time

import pytest

from dix.access.passwords import LONGEST, hash_password, is_password
from dix.errors import BadValue


def test_only_the_password_is_the_password() -> None:
    kept = hash_password("correct horse 名")
    assert kept.startswith("$argon2id$")
    assert is_password("correct horse 名", kept)
    assert not any(is_password(other, kept) for other in ("correct horse", "", "correct horse 名 ", "\x00"))


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password("the same one") != hash_password("the same one")


@pytest.mark.parametrize("password", ["", "short", "x" * (LONGEST + 1)])
def test_what_is_too_short_or_long_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(BadValue, match="8 to 256 characters") as caught:
        hash_password(password)
    assert password == "" or password not in str(caught.value)


def test_nobodys_password_takes_as_long_as_somebodys() -> None:
    kept = hash_password("correct horse")
    took_s = []
    for against in (kept, None, "no hash at all"):
        is_password("warm up", against)
        began = time.perf_counter()
        assert not is_password("wrong", against)
        took_s.append(time.perf_counter() - began)
    assert took_s[1] > took_s[0] / 4
