"""The core schema of YAML 1.2."""

from __future__ import annotations

import math

import pytest

from dix.errors import BadValue
from dix.flow.scalars import check_int, resolve_plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nUll", "nUll"),
        ("true", True), ("True", True), ("TRUE", True), ("false", False), ("tRue", "tRue"),
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("NO", "NO"),
        ("0", 0), ("-19", -19), ("+12", 12), ("007", 7), ("0o17", 15), ("0xFF", 255), ("0xff", 255),
        ("0o8", "0o8"), ("0b11", "0b11"), ("-0x1", "-0x1"), ("1_000", "1_000"),
        ("12:30", "12:30"), ("1:30:00", "1:30:00"),
        ("1e-3", 0.001), ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0), ("-1.5E+3", -1500.0),
        ("0.0", 0.0), ("12e03", 12000.0),
        (".", "."), ("+", "+"), ("-", "-"), ("1e", "1e"), ("e3", "e3"), ("1.2.3", "1.2.3"),
        ("--1", "--1"), ("...", "..."),
        (".inf", math.inf), ("-.INF", -math.inf), ("+.Inf", math.inf), ("inf", "inf"), (".iNf", ".iNf"),
        ("2024-01-01", "2024-01-01"), ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("<<", "<<"), ("=", "="), ("٣", "٣"), ("null ", "null "), ("18446744073709551615", 2**64 - 1),
    ],
)  # fmt: skip
def test_a_plain_scalar_means_what_the_core_schema_says(text: str, value: object) -> None:
    found = resolve_plain(text)
    assert found == value
    assert type(found) is type(value)


def test_nan_is_a_number() -> None:
    found = resolve_plain(".nan")
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize("text", ["18446744073709551616", "-9223372036854775809", "9" * 10_000, "0x" + "f" * 10_000])
def test_a_number_beyond_64_bits_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="64 bits"):
        resolve_plain(text)


def test_many_leading_zeros_are_no_reason_to_hang() -> None:
    assert resolve_plain("-" + "0" * 20 + "5") == -5
    with pytest.raises(BadValue):
        check_int(2**64)
