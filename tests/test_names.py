"""Names, identifiers and references: what is taken, what is refused, and with which sentence."""

from __future__ import annotations

import time

import pytest

from dix.errors import BadValue
from dix.names import (
    ModelReference,
    check_alias,
    check_name,
    find_nearest,
    is_identifier,
    is_model_reference,
    is_name,
    make_run_id,
    read_model_reference,
)


@pytest.mark.parametrize("text", ["a", "0", "digits", "my-flow-2", "a-", "a" * 63])
def test_a_good_name_is_taken(text: str) -> None:
    assert is_name(text)
    assert check_name("flow", text) == text


@pytest.mark.parametrize("text", ["", "-a", "A", "a_b", "a b", "a.b", "a/b", "数字", "a\n", "a" * 64, "<b>", "٣"])
def test_a_bad_name_is_refused(text: str) -> None:
    assert not is_name(text)
    with pytest.raises(BadValue, match="flow name: expected 1 to 63 of a-z, 0-9 and -"):
        check_name("flow", text)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("My Flow", "my-flow"), ("__a__", "a"), ("a" * 70, "a" * 63), ("Ziffern (neu)", "ziffern-neu")],
)
def test_a_refused_name_comes_with_one_that_would_do(text: str, nearest: str) -> None:
    with pytest.raises(BadValue) as caught:
        check_name("model", text)
    assert caught.value.fact("todo") == f"try {nearest}"
    assert is_name(nearest)


def test_a_name_without_anything_usable_has_no_suggestion() -> None:
    with pytest.raises(BadValue) as caught:
        check_name("model", "数字")
    assert caught.value.fact("todo") == ""


@pytest.mark.parametrize("text", ["a", "_", "train_set", "Train2", "A" * 63])
def test_a_good_identifier_is_taken(text: str) -> None:
    assert is_identifier(text)


@pytest.mark.parametrize("text", ["", "2a", "a-b", "a.b", "é", "a\n", "A" * 64])
def test_a_bad_identifier_is_refused(text: str) -> None:
    assert not is_identifier(text)


def test_the_nearest_candidate_is_found() -> None:
    assert find_nearest("digts", ["digits", "faces"]) == "digits"
    assert find_nearest("zzz", ["digits", "faces"]) is None
    assert find_nearest("digits", []) is None


def test_run_ids_are_names_that_sort_by_creation() -> None:
    first = make_run_id()
    limit = time.monotonic() + 2
    while (later := make_run_id())[:10] == first[:10]:
        assert time.monotonic() < limit, "the clock in the id stands still"
    assert first < later
    assert is_name(first)


def test_run_ids_of_one_moment_differ() -> None:
    assert len({make_run_id() for _ in range(500)}) == 500


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("models:/digits", ModelReference("digits")),
        ("models:/digits/3", ModelReference("digits", version=3)),
        ("models:/digits@champion", ModelReference("digits", alias="champion")),
        ("models:/digits@冠军_2-a", ModelReference("digits", alias="冠军_2-a")),
    ],
)
def test_a_model_reference_is_read_and_written(text: str, reference: ModelReference) -> None:
    assert is_model_reference(text)
    assert read_model_reference(text) == reference
    assert str(reference) == text


@pytest.mark.parametrize(
    "text",
    [
        "digits",
        "models:/",
        "models:/Digits",
        "models:/digits/",
        "models:/digits/0",
        "models:/digits/-1",
        "models:/digits/latest",
        "models:/digits/٣",
        "models:/digits/3/4",
        "models:/digits@",
        "models:/digits@a@b",
        "models:/digits/" + "9" * 5000,
    ],
)
def test_a_bad_model_reference_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match=r"model: expected .*models:/"):
        read_model_reference(text)


def test_the_alias_latest_is_the_latest_version() -> None:
    for text in ("models:/digits@latest", "models:/digits@Latest"):
        assert read_model_reference(text) == ModelReference("digits")


@pytest.mark.parametrize(
    "text", ["latest", "LATEST", "v1", "V22", "3", "٣", "", "a b", "a/b", "a@b", "<b>", "..", "x" * 256]
)
def test_what_may_be_no_alias_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="alias: expected 1 to 255 letters"):
        check_alias(text)
    assert check_alias("v1-rc") == "v1-rc"
