"""Plain values as YAML: read alike by readers of 1.1 and of 1.2."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dix.flow.writer import write_yaml
from dix.flow.yaml_reader import read_yaml

TEXTS = [
    "", " ", "a", "no", "NO", "y", "null", "~", "1", "1e3", "0x1", "1_000", "12:30", "2024-01-01", "2GiB", "500m", "1h",
    "a: b", "a #b", "- a", "? a", "[a]", "{a}", "*a", "&a",
    "!a", "|", ">", "@a", "`a", "%a", "a:", ":a", "'", '"', "\\",
    "two\nlines", "two\nlines\n", "two\n\nlines\n", "lines\n\n", " lead\nline\n", "line\n trail \n", "tab\there",
    "\ttab", "cr\rlf\r\n", "\x07", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe", "识别 🎉", "<b>x</b>", "{{ ds }}",
    "---", "...",
    "=", "<<", ".inf", ".nan", "true ", "a  b", "a\u00a0b", "x" * 300, "#!sh\nrun: 1\n# end\n",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_text_stays_text(text: str) -> None:
    value = {"key": text, text or "k": [text, {"deep": {"deeper": text}}], "nodes": {"a": {"t": text}}}
    written = write_yaml(value)
    assert read_yaml(written).value == value
    assert yaml.load(written, Loader=yaml.CSafeLoader) == value  # a reader of YAML 1.1


def test_lines_of_text_stand_as_they_are() -> None:
    assert write_yaml({"a": "first\n  second\n\nthird\n"}) == "a: |\n  first\n    second\n\n  third\n"


PLAIN = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=20).filter(lambda text: "\0" not in text),
        st.text(alphabet=" \n\tab:#-'\"", max_size=20),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(alphabet="ab:# \n1", max_size=4), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(alphabet="abnodes", min_size=1, max_size=5), PLAIN, min_size=1))
def test_any_value_survives(value: dict[str, Any]) -> None:
    written = write_yaml(value)
    assert read_yaml(written).value == value
    assert yaml.load(written, Loader=yaml.CSafeLoader) == value  # a reader of YAML 1.1
