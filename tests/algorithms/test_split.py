"""Splitting loses nothing, keeps proportions and repeats itself."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dix.algorithms.split import Split
from dix.errors import BadData, BadValue
from dix.store.store import Store
from tests.algorithms.conftest import Ran, RunStep

PORTS = ("train", "valid", "test")


def list_parts(ran: Ran) -> list[list[str]]:
    folders = [ran.context.scratch / "outputs" / port for port in PORTS]
    return [sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png")) for folder in folders]


def test_image_folders_are_split_by_class(run_step: RunStep, store: Store, digits: Path) -> None:
    store.put(digits / "test", "test")
    ran = run_step(Split(), {"data": "test"}, params={"fractions": [0.5, 0.25, 0.25]})
    parts = list_parts(ran)
    assert sorted(path for part in parts for path in part) == [file.path for file in store.list_files("test")]
    assert ran.result.metrics == {port: len(part) for port, part in zip(PORTS, parts, strict=True)}
    whole = Counter(file.path[0] for file in store.list_files("test"))
    for digit, count in Counter(path[0] for path in parts[0]).items():
        assert abs(count - whole[digit] / 2) < 1
    again = run_step(Split(), {"data": "test"}, params={"fractions": [0.5, 0.25, 0.25]})
    assert list_parts(again) == parts


def test_tables_are_split_by_row(run_step: RunStep, store: Store, digits: Path) -> None:
    store.put(digits / "test.parquet", "test.parquet")
    ran = run_step(Split(), {"data": "test.parquet"})
    tables = [pq.read_table(ran.context.scratch / "outputs" / port / "part-000000.parquet") for port in PORTS]
    whole = pq.read_table(digits / "test.parquet")
    assert {table.schema for table in tables} == {whole.schema}
    rows = Counter((str(row["image"]), row["label"]) for table in tables for row in table.to_pylist())
    assert rows == Counter((str(row["image"]), row["label"]) for row in whole.to_pylist())
    assert [table.num_rows for table in tables] == list(ran.result.metrics.values())
    assert tables[0]["label"].value_counts().field("counts").to_pylist()


def test_a_table_without_labels_is_split_by_chance_alone(run_step: RunStep, store: Store) -> None:
    store.write_bytes("a.csv", b"a,b\n" + b"1,2\n" * 100)
    with pytest.raises(BadData, match="there is no column label"):
        run_step(Split(), {"data": "a.csv"})
    assert run_step(Split(), {"data": "a.csv"}, params={"stratify": False}).result.metrics == {
        "train": 80, "valid": 10, "test": 10,
    }  # fmt: skip


def test_fractions_must_be_a_whole(run_step: RunStep, store: Store) -> None:
    store.write_bytes("a.csv", b"label\nx\n")
    with pytest.raises(BadValue, match="fractions: expected three shares that together are 1"):
        run_step(Split(), {"data": "a.csv"}, params={"fractions": [0.5, 0.5, 0.5]})


def test_a_share_of_rows_without_a_label_is_left_out(run_step: RunStep, store: Store) -> None:
    store.write_bytes("a.csv", b"n,label\n" + b"1,x\n2,y\n" * 20 + b"3,\n")
    ran = run_step(Split(), {"data": "a.csv"}, bad_rows=0.05)
    assert ran.result.metrics == {"train": 32, "valid": 4, "test": 4, "bad_rows": 1}
    rows = [row for port in PORTS for row in pq.read_table(ran.context.output(port))["n"].to_pylist()]
    assert sorted(rows) == [1] * 20 + [2] * 20
    with pytest.raises(
        BadData, match=r"1 of 41 cannot be used, 2\.44%, and bad_rows allows 1\.00%; the first: .* row 40"
    ):
        run_step(Split(), {"data": "a.csv"}, bad_rows=0.01)
