"""A profile's columns as rows and charts."""

from __future__ import annotations

from dix.client.data_looks import Bin, ColumnProfile, Common
from ui.parts.data_profile import make_chart, make_row


def test_a_column_of_numbers_has_a_histogram() -> None:
    column = ColumnProfile("x", "double", 5, 2, 0.5, 1.25, 1.0, 0.1, (Bin(0.0, 1.0, 3), Bin(1.0, 2.0, 2)))
    row = make_row(column, 10)
    assert (row["missing"], row["spread"], row["least"]) == (0.5, [3, 2], "0.5")
    chart = make_chart(column)
    assert chart is not None
    assert chart.to_dict()["encoding"]["x"]["field"] == "low"


def test_a_column_of_texts_has_its_commonest() -> None:
    column = ColumnProfile("t", "string", 0, 2, common=(Common("名", 3), Common(True, 1)))
    chart = make_chart(column)
    assert chart is not None
    assert chart.to_dict()["encoding"]["y"]["field"] == "value"


def test_what_was_not_counted_has_no_chart() -> None:
    column = ColumnProfile("l", "list<item: int64>", 0)
    assert make_chart(column) is None
    assert make_row(column, 0)["missing"] == 0.0
