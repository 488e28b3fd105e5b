"""Tables are joined as pandas joins them, and rows without a partner are counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dix.algorithms.join import Join
from dix.errors import BadData
from dix.store.store import Store
from tests.algorithms.conftest import RunStep


def write(store: Store, uri: str, frame: pd.DataFrame) -> None:
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), Path(store.local_path(uri) or ""))


def order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns)).reset_index(drop=True)


@pytest.fixture
def sides(store: Store) -> tuple[pd.DataFrame, pd.DataFrame]:
    chance = np.random.default_rng(0)
    left = pd.DataFrame({"id": chance.integers(0, 30, 60), "Name \"ü'": range(60), "value": chance.random(60)})
    right = pd.DataFrame({"id": chance.integers(10, 40, 50), "value": chance.random(50)})
    write(store, "left.parquet", left)
    write(store, "right.parquet", right)
    return left, right


INPUTS = {"left": "left.parquet", "right": "right.parquet"}


@pytest.mark.parametrize("how", ["inner", "left", "full"])
def test_it_agrees_with_pandas(run_step: RunStep, sides: tuple[pd.DataFrame, pd.DataFrame], how: str) -> None:
    left, right = sides
    ran = run_step(Join(), INPUTS, params={"how": how})
    found = pq.read_table(ran.context.output("data")).to_pandas()
    expected = left.merge(right, on="id", how="outer" if how == "full" else how, suffixes=("", "_right"))
    pd.testing.assert_frame_equal(order(found), order(expected), check_dtype=False)
    matched = left["id"].isin(right["id"])
    assert ran.result.metrics == {
        "rows": len(expected),
        "left_matched": matched.sum(), "left_unmatched": (~matched).sum(),
        "right_matched": right["id"].isin(left["id"]).sum(), "right_unmatched": (~right["id"].isin(left["id"])).sum(),
    }  # fmt: skip


def test_semi_and_anti_divide_the_left_side(run_step: RunStep, sides: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    left, right = sides
    for how, chosen in (("semi", left["id"].isin(right["id"])), ("anti", ~left["id"].isin(right["id"]))):
        found = pq.read_table(run_step(Join(), INPUTS, params={"how": how}).context.output("data")).to_pandas()
        pd.testing.assert_frame_equal(order(found), order(left[chosen]))


def test_several_keys_and_an_empty_key_equals_nothing(run_step: RunStep, store: Store) -> None:
    write(store, "left.parquet", pd.DataFrame({"a": ["x", "x", None], "b": [1, 2, 3], "left": [1, 2, 3]}))
    write(store, "right.parquet", pd.DataFrame({"a": ["x", None], "b": [2.0, 3.0], "right": ["r", "s"]}))
    ran = run_step(Join(), INPUTS, params={"on": ["a", "b"]})
    assert pq.read_table(ran.context.output("data")).to_pylist() == [{"a": "x", "b": 2, "left": 2, "right": "r"}]


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("idd", "there is no column idd; did you mean id?"),
        (["id", "day"], "there is no column day; its columns are id"),
    ],
)
def test_a_key_that_is_not_there_is_named(
    run_step: RunStep, sides: tuple[pd.DataFrame, pd.DataFrame], on: object, said: str
) -> None:
    with pytest.raises(BadData) as caught:
        run_step(Join(), INPUTS, params={"on": on})
    assert said in str(caught.value)


def test_types_that_are_never_equal_are_refused(run_step: RunStep, store: Store) -> None:
    write(store, "left.parquet", pd.DataFrame({"id": [1]}))
    write(store, "right.parquet", pd.DataFrame({"id": ["1"]}))
    with pytest.raises(BadData, match=r"column id is of type .*string, in left of type int64, so they are never equal"):
        run_step(Join(), INPUTS)


def test_a_suffix_that_makes_a_name_that_is_there_is_refused(run_step: RunStep, store: Store) -> None:
    write(store, "left.parquet", pd.DataFrame({"id": [1], "x": [1], "x_right": [1]}))
    write(store, "right.parquet", pd.DataFrame({"id": [1], "x": [1]}))
    with pytest.raises(BadData, match="suffix: there is already a column x_right; choose another suffix"):
        run_step(Join(), INPUTS)
