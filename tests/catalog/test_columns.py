"""Values into the file and back."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dix.catalog.columns import find_moment, from_json, from_micros, to_json, to_micros, to_text
from dix.errors import BadValue

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7)), timezone(timedelta(hours=8))])))
def test_moment_comes_back_to_the_microsecond(moment: datetime) -> None:
    micros = to_micros(moment)
    assert micros is not None
    assert from_micros(micros) == moment
    assert from_micros(micros).tzinfo is UTC


def test_naive_moment_is_taken_as_utc() -> None:
    assert to_micros(datetime(1970, 1, 1, 0, 0, 1)) == 1_000_000  # noqa: DTZ001


def test_no_moment_stays_none() -> None:
    assert to_micros(None) is None
    assert find_moment(None) is None


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_json_comes_back_with_its_types(value: dict[str, object]) -> None:
    back = from_json(to_json("params", value))
    assert back == value
    assert repr(back) == repr(value)


def test_nan_comes_back() -> None:
    assert math.isnan(from_json(to_json("metrics", {"loss": math.nan}))["loss"])


@pytest.mark.parametrize("value", [{"a": object()}, {"a": {1, 2}}, {(1, 2): 3}])
def test_value_that_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(BadValue, match="params: expected values that JSON can hold"):
        to_json("params", value)


def test_value_that_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(BadValue):
        to_json("params", {"a": endless})


@given(st.text(st.characters()))
def test_text_can_always_be_written(text: str) -> None:
    written = to_text(text)
    assert written is not None
    written.encode()
    try:
        text.encode()
    except UnicodeEncodeError:
        assert "\\u" in written
    else:
        assert written == text
