"""How often somebody may fail to sign in."""

from __future__ import annotations

import pytest

from dix.access.limit import (
    TRIES_OF_A_NAME,
    TRIES_OF_A_NAME_FROM_ALL,
    TRIES_OF_AN_ADDRESS,
    WINDOW_S,
    SignInLimit,
)
from dix.errors import TooOften


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_name_waits_where_it_was_tried_and_comes_in_again() -> None:
    clock = Clock()
    limit = SignInLimit(clock)
    for _ in range(TRIES_OF_A_NAME):
        limit.begin("ana", "10.0.0.1")
    with pytest.raises(TooOften, match=r"wait 30[01] s"):
        limit.begin("ana", "10.0.0.1")
    limit.begin("bob", "10.0.0.1")
    limit.begin("ana", "10.0.0.2")
    clock.now_s += WINDOW_S + 1
    limit.begin("ana", "10.0.0.1")


def test_a_name_waits_everywhere_when_many_addresses_try_it() -> None:
    limit = SignInLimit(Clock())
    for number in range(TRIES_OF_A_NAME_FROM_ALL):
        limit.begin("ana", f"10.0.0.{number}")
    with pytest.raises(TooOften):
        limit.begin("ana", "10.0.1.1")


def test_wrong_codes_keep_nobody_elsewhere_out() -> None:
    limit = SignInLimit(Clock())
    for _ in range(TRIES_OF_AN_ADDRESS):
        limit.begin(None, "10.0.0.1")
    with pytest.raises(TooOften):
        limit.begin(None, "10.0.0.1")
    limit.begin(None, "10.0.0.2")


def test_an_address_waits_whatever_names_it_tries() -> None:
    limit = SignInLimit(Clock())
    for number in range(TRIES_OF_AN_ADDRESS):
        limit.begin(f"name-{number}", "10.0.0.1")
    with pytest.raises(TooOften):
        limit.begin("another", "10.0.0.1")
    limit.begin("another", "10.0.0.2")


def test_who_comes_in_begins_anew() -> None:
    limit = SignInLimit(Clock())
    for _ in range(5 * TRIES_OF_A_NAME):
        limit.begin("ana", "10.0.0.1")
        limit.succeed("ana", "10.0.0.1")
