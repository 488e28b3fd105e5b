"""Places of the Data page: the way there, whatever they are called."""

from __future__ import annotations

import pytest

from ui.parts.data_places import Crumb, get_name, join_place, list_crumbs


@pytest.mark.parametrize(
    ("uri", "crumbs"),
    [
        ("", ()),
        ("a", (Crumb("a", "a"),)),
        ("a//名 <b>/", (Crumb("a", "a"), Crumb("名 <b>", "a/名 <b>"))),
        ("s3://bucket/x", (Crumb("bucket", "s3://bucket"), Crumb("x", "s3://bucket/x"))),
        ("file:///tmp/x", (Crumb("tmp", "file:///tmp"), Crumb("x", "file:///tmp/x"))),
    ],
)
def test_every_folder_on_the_way_can_be_gone_back_to(uri: str, crumbs: tuple[Crumb, ...]) -> None:
    assert list_crumbs(uri) == crumbs


def test_the_root_is_no_part_of_a_place() -> None:
    assert join_place("", "a.csv") == "a.csv"
    assert join_place("x/", "a.csv") == "x/a.csv"
    assert get_name("x/a.csv") == "a.csv"
