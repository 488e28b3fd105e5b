"""What somebody is called who comes for the first time."""

from __future__ import annotations

from itertools import islice

import pytest

from dix.access.newcomers import make_names
from dix.names import is_name


@pytest.mark.parametrize(
    ("wished", "name"),
    [
        ("ana", "ana"),
        ("Ana.Maria@example.org", "ana-maria"),
        ("Zoë", "zoe"),
        ("../<b>'\"", "b"),
        ("名", "user"),
        ("", "user"),
        ("@example.org", "user"),
        ("x" * 200, "x" * 50),
        ("--a--", "a"),
    ],
)
def test_a_name_is_made_fit(wished: str, name: str) -> None:
    names = list(make_names(wished))
    assert names[:2] == [name, f"{name}-2"]
    assert all(map(is_name, names))
    assert len(set(names)) == len(names)
    assert list(islice(make_names(wished), 19)) == names[:19]
