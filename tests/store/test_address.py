"""How URIs are read and refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.errors import BadValue
from dix.store.address import Address, read_address, read_store_url

ROOT = Address("s3", "bucket/prefix")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "s3://bucket/prefix/a"),
        ("a/b/", "s3://bucket/prefix/a/b"),
        ("数据/a b#c?d%20.txt", "s3://bucket/prefix/数据/a b#c?d%20.txt"),
        ("file:///a%20b", "file:///a%20b"),
        ("file:///", "file:///"),
        ("s3://other", "s3://other"),
        ("s3://other/x/", "s3://other/x"),
    ],
)
def test_names_are_taken_as_they_are(text: str, expected: str) -> None:
    assert str(read_address(text, ROOT)) == expected
    assert str(read_address(expected, ROOT)) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "a name in the store, file:///path or s3://bucket/path"),
        ("/data/x", "for a path on this machine write file:///data/x"),
        ("..", "none of them empty, . or .."),
        ("a/../../b", "none of them empty, . or .."),
        ("a/./b", "none of them empty, . or .."),
        ("a//b", "none of them empty, . or .."),
        ("//", "write file:////"),
        ("a\0b", "no NUL"),
        ("a\udcff", "in UTF-8"),
        ("file:///a/../b", "none of them empty, . or .."),
        ("s3://b/../c", "none of them empty, . or .."),
        ("file://host/x", "three slashes"),
        ("s3://", "none of them empty"),
        ("s3a://bucket/x", "write s3://bucket/x"),
        ("http://host/x", "a name in the store, file:///path or s3://bucket/path"),
        ("models:/digits/3", "a model is given to the nodes that take models"),
    ],
)
def test_names_that_cannot_be_are_refused_with_the_rule(text: str, sentence: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_address(text, ROOT)
    assert sentence in str(caught.value)


def test_a_store_is_named_by_url_or_by_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_store_url("/data/my store").path == "/data/my store"
    assert read_store_url("../x").path == str(tmp_path.parent / "x")
    assert read_store_url("s3://bucket/a/") == Address("s3", "bucket/a")
    for url in ("", "ftp://x", "s3://"):
        with pytest.raises(BadValue, match="DIX_STORE"):
            read_store_url(url)


def test_an_address_knows_its_place() -> None:
    address = ROOT.join("a/b")
    assert address.name == "b"
    assert address.parent == ROOT.join("a")
    assert address.is_below(ROOT)
    assert not ROOT.is_below(ROOT)
    assert ROOT.is_within(ROOT)
    assert not Address("s3", "bucket/prefix2").is_within(ROOT)
    assert not Address("file", "/bucket/prefix/a").is_within(ROOT)
    assert address.relative_to(ROOT) == "a/b"
    top = Address("file", "/")
    assert top.parent == top
    assert top.join("x").path == "/x"
    assert top.join("x").relative_to(top) == "x"
    assert Address("s3", "bucket").parent == Address("s3", "bucket")
