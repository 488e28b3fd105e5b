"""Records as tables."""

from __future__ import annotations

import math

import pandas as pd
import pyarrow as pa

from dix.client.rows import Rows
from dix.records.attempt import Allocated, Attempt
from dix.records.metric import MetricPoint
from dix.records.moments import now

AT = now()
POINTS = Rows(MetricPoint("r1", "cnn", 1, "loss", epoch, math.nan if epoch == 2 else 1 / epoch, AT) for epoch in (1, 2))


def test_rows_are_the_tuple_they_were() -> None:
    assert Rows(POINTS) == tuple(POINTS)
    assert POINTS[0].position == 1


def test_numbers_become_columns() -> None:
    table = POINTS.to_arrow()
    assert table.column_names[:5] == ["run", "node", "attempt", "name", "position"]
    assert table.schema.field("value").type == pa.float64()
    assert table.schema.field("at").type == pa.timestamp("us", tz="UTC")
    frame = POINTS.to_pandas()
    assert isinstance(frame["at"].dtype, pd.DatetimeTZDtype)
    assert frame.pivot_table(index="position", columns="name", values="value").loc[1, "loss"] == 1.0


def test_no_rows_are_an_empty_table() -> None:
    empty: Rows[MetricPoint] = Rows()
    assert empty.to_arrow().num_rows == 0
    assert empty.to_pandas().empty
    assert "<table>" in empty._repr_html_()


def test_what_records_hold_inside_has_columns_of_its_own() -> None:
    attempt = Attempt("r1", "cnn", 1, "default", "admin", "digits", AT, allocated=Allocated(2.0, gpu_type="A10"))
    frame = Rows((attempt,)).to_pandas()
    assert frame.loc[0, "allocated.cpu"] == 2.0
    assert frame.loc[0, "allocated.gpu_type"] == "A10"


def test_a_column_of_mixed_kinds_is_text() -> None:
    rows = Rows(({"a": 1, "b": [1, 2]}, {"a": "one"}, {"a": True, "c": 2**70}))
    assert rows.to_arrow().to_pylist() == [
        {"a": "1", "b": "[1, 2]", "c": None},
        {"a": "one", "b": None, "c": None},
        {"a": "true", "b": None, "c": str(2**70)},
    ]
