"""A sample is a part of the data in its order, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dix.algorithms.sample import Sample
from dix.errors import BadData, BadValue
from dix.store.store import Store
from tests.algorithms.conftest import Ran, RunStep


@pytest.fixture
def rows(store: Store) -> None:
    store.write_bytes("a.csv", b"n,label\n" + b"".join(b"%d,%s\n" % (i, b"xy"[i % 4 == 0 :][:1]) for i in range(200)))


def read(ran: Ran) -> list[int]:
    return pq.read_table(ran.context.output("data"))["n"].to_pylist()


def test_rows_are_taken_in_their_order(run_step: RunStep, rows: None) -> None:
    ran = run_step(Sample(), {"data": "a.csv"}, params={"rows": 30})
    assert ran.result.metrics == {"rows": 30, "of": 200}
    assert len(set(read(ran))) == 30
    assert read(ran) == sorted(read(ran))
    assert read(run_step(Sample(), {"data": "a.csv"}, params={"fraction": 0.15})) == read(ran)
    assert read(run_step(Sample(), {"data": "a.csv"}, params={"rows": 30, "seed": 1})) != read(ran)


def test_classes_keep_their_shares(run_step: RunStep, rows: None) -> None:
    ran = run_step(Sample(), {"data": "a.csv"}, params={"rows": 40, "stratify": True})
    assert Counter(pq.read_table(ran.context.output("data"))["label"].to_pylist()) == {"x": 30, "y": 10}


def test_files_stay_in_their_folders(run_step: RunStep, store: Store, digits: Path) -> None:
    store.put(digits / "test", "test")
    ran = run_step(Sample(), {"data": "test"}, params={"rows": 50, "stratify": True})
    taken = [
        path.relative_to(ran.context.output("data")).as_posix() for path in ran.context.output("data").rglob("*.png")
    ]
    assert len(taken) == 50
    assert {path[0] for path in taken} == set("0123456789")
    assert store.read_bytes(f"test/{taken[0]}") == (ran.context.output("data") / taken[0]).read_bytes()


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "fraction: expected either fraction or rows, got 'none'"),
        ({"rows": 1, "fraction": 0.5}, "expected either fraction or rows, got 'both'"),
        ({"rows": 201}, "201 rows were asked for, and there are 200; ask for 200 at most"),
        ({"fraction": 0.001}, "a fraction of 0.001 of 200 is nothing; take a greater one"),
        ({"rows": 9, "stratify": True, "label_column": "labels"}, "there is no column labels; did you mean label"),
    ],
)
def test_what_cannot_be_taken_is_said(run_step: RunStep, rows: None, params: dict[str, object], said: str) -> None:
    with pytest.raises((BadData, BadValue)) as caught:
        run_step(Sample(), {"data": "a.csv"}, params=params)
    assert said in str(caught.value)
