"""Columns come to the scale of the data that it was learned from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.algorithms.normalize import Normalize
from dix.errors import BadData
from dix.store.store import Store
from tests.algorithms.conftest import RunStep


def write(store: Store, uri: str, **columns: object) -> None:
    pq.write_table(pa.table(columns), Path(store.local_path(uri) or ""))


def test_scales_are_learned_from_one_set_and_applied_to_another(run_step: RunStep, store: Store) -> None:
    write(store, "train.parquet", label=[0, 1, 0], a=[0, 5, 10], b=[7.0, 7.0, None], name=["x", "y", "z"])
    write(store, "test.parquet", label=[1], a=[20], b=[9.0], name=["w"])
    ran = run_step(Normalize(), {"data": "test.parquet", "fit": "train.parquet"}, params={"method": "minmax"})
    assert pq.read_table(ran.context.output("data")).to_pylist() == [{"label": 1, "a": 2.0, "b": 0.0, "name": "w"}]
    assert ran.result.metrics == {"rows": 1, "columns": 2, "constant": "b", "missing_in_fit": 1}
    told = json.loads((ran.context.output("metrics") / "statistics.json").read_text())
    assert told["columns"]["a"] == {"center": 0.0, "width": 10.0, "missing": 0}
    assert told["constant"] == ["b"]


def test_it_learns_from_the_data_itself(run_step: RunStep, store: Store) -> None:
    store.write_bytes("set/1.csv", b"a,b\n1,2\n3,4\n")
    store.write_bytes("set/2.csv", b"a,b\n5,6\n")
    ran = run_step(Normalize(), {"data": "set"}, params={"columns": ["a"]})
    found = pq.read_table(ran.context.output("data"))
    np.testing.assert_allclose(found["a"].to_numpy(), (np.array([1, 3, 5]) - 3) / np.std([1, 3, 5]))
    assert found["b"].to_pylist() == [2, 4, 6]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["aa"], "there is no column aa; did you mean a?"),
        (["name"], "column name is of type string, numbers were expected"),
        ([], "it has no column of numbers beside those of exclude; name some in columns"),
    ],
)
def test_what_cannot_be_brought_to_scale_is_said(
    run_step: RunStep, store: Store, columns: list[str], said: str
) -> None:
    write(store, "a.parquet", a=[1, 2], name=["x", "y"])
    with pytest.raises(BadData) as caught:
        run_step(Normalize(), {"data": "a.parquet"}, params={"columns": columns, "exclude": ["a"]})
    assert said in str(caught.value)


def test_fit_must_have_the_columns(run_step: RunStep, store: Store) -> None:
    write(store, "a.parquet", a=[1, 2])
    write(store, "b.parquet", b=[1, 2])
    with pytest.raises(BadData, match=r"b\.parquet: there is no column a"):
        run_step(Normalize(), {"data": "a.parquet", "fit": "b.parquet"})
