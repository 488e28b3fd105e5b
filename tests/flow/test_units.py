"""Quantities as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dix.errors import BadValue
from dix.flow.units import read_cores, read_memory, read_time, tell_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (0, 0),
        (1073741824, 2**30),
        ("1024", 1024),
        ("1Ki", 1024),
        ("1KiB", 1024),
        ("1GiB", 2**30),
        ("1Gi", 2**30),
        ("1.5Gi", 3 * 2**29),
        ("2 TiB", 2**41),
        ("1k", 1000),
        ("3M", 3_000_000),
        ("2G", 2_000_000_000),
        ("1T", 10**12),
        ("0.3k", 300),
        ("1.0001k", 1001),
        (1e9, 10**9),
    ],
)
def test_memory_is_read_into_bytes(text: object, size: int) -> None:
    assert read_memory(text) == size


@pytest.mark.parametrize(
    ("text", "cores"), [(1, 1.0), (0.5, 0.5), ("500m", 0.5), ("2", 2.0), (0, 0.0), ("0.25", 0.25), ("1500m", 1.5)]
)
def test_cores_are_read(text: object, cores: float) -> None:
    assert read_cores(text) == cores


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("30s", 30.0), ("5m", 300.0), ("2h", 7200.0), ("1d", 86400.0), ("1.5h", 5400.0), ("0s", 0.0)],
)
def test_time_is_read_into_seconds(text: str, seconds: float) -> None:
    assert read_time(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "x", "-1", "-1Gi", "1GB", "1gib", "1 000", "1Gi 2", "٣Gi", "1e99Gi", "1e9999", None, True, [], {}, 1.5,
     math.inf, math.nan, 2**70, "9" * 100, "1Ei", "0x10", "1_000"],
)  # fmt: skip
def test_what_is_no_memory_is_refused(text: object) -> None:
    with pytest.raises(BadValue):
        read_memory(text, "resources.memory")


@pytest.mark.parametrize("text", [-1, "-1", "1c", "500M", "", None, True, math.inf, math.nan, 10**7, 0.00001, [1]])
def test_what_is_no_number_of_cores_is_refused(text: object) -> None:
    with pytest.raises(BadValue):
        read_cores(text)


@pytest.mark.parametrize("text", [30, "30", "1y", "-1s", "s", "", None, True, 1.5, "1e9d", "1h30m", "{{ ds }}"])
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(BadValue):
        read_time(text)


def test_the_sentence_says_what_to_do() -> None:
    with pytest.raises(BadValue, match="add a unit, as in 30s"):
        read_time(30, "timeout")
    with pytest.raises(BadValue, match="did you mean 2G"):
        read_memory("2GB")
    with pytest.raises(BadValue, match="did you mean 2GiB"):
        read_memory("2gib")
    with pytest.raises(BadValue, match="did you mean 90s"):
        read_time("90 seconds")


@given(st.one_of(st.text(max_size=80), st.integers(), st.floats(), st.none(), st.booleans()))
def test_anything_is_read_or_refused(value: object) -> None:
    for read in (read_memory, read_cores, read_time):
        try:
            number = read(value)
        except BadValue:
            continue
        else:
            assert math.isfinite(number)
            assert number >= 0


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1536, "1.5 KiB"),
        (2**30, "1 GiB"),
        (10**13, "9.095 TiB"),
        (2**50, "1024 TiB"),
    ],
)
def test_sizes_are_told_in_their_largest_unit(size: float, told: str) -> None:
    assert tell_size(size) == told
