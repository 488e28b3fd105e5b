"""A data node sees that its data is there, and hands its address on."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.algorithms.source import Source
from dix.errors import BadData, DataMissing
from dix.store.store import Store
from tests.algorithms.conftest import RunStep


def test_facts_are_shown_and_the_address_handed_on(run_step: RunStep, store: Store, digits: Path) -> None:
    store.put(digits / "test", "digits/test")
    uri = store.resolve("digits/test")
    result = run_step(Source(), params={"uri": uri, "format": "auto"}).result
    assert result.uris == {"data": uri}
    assert result.metrics["format"] == "images"
    assert (result.metrics["files"], result.metrics["rows"], result.metrics["classes"]) == (359, 359, 10)
    assert result.metrics["size_bytes"] == store.measure(uri).bytes


def test_missing_data_names_the_nearest(run_step: RunStep, store: Store, digits: Path) -> None:
    store.put(digits / "test.parquet", "digits/test.parquet")
    with pytest.raises(DataMissing, match=r"did you mean test\.parquet\?"):
        run_step(Source(), params={"uri": store.resolve("digits/tets.parquet"), "format": "auto"})


def test_a_wrong_format_is_bad_data_and_not_missing(run_step: RunStep, store: Store) -> None:
    store.write_bytes("a.csv", b"a,b\n1,2\n")
    with pytest.raises(BadData, match=r"a\.csv is csv, not parquet") as caught:
        run_step(Source(), params={"uri": store.resolve("a.csv"), "format": "parquet"})
    assert not isinstance(caught.value, DataMissing)


def test_a_file_that_is_not_what_its_name_says_is_left_to_who_may_leave_it_out(run_step: RunStep, store: Store) -> None:
    store.write_bytes("set/a/1.png", b"\x89PNG\r\n\x1a\n and so on")
    store.write_bytes("set/b/2.png", b"only words")
    params = {"uri": store.resolve("set"), "format": "images"}
    with pytest.raises(BadData, match=r"2\.png: the file should be images, but it holds text"):
        run_step(Source(), params=params)
    assert run_step(Source(), params=params, bad_rows=0.5).result.metrics["files"] == 2
