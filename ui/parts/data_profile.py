"""What the columns of a table hold: numbers in a row each, with a small chart, and one of them larger."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dix.client.data_looks import ColumnProfile, Profile
from dix.client.pictures.words import clean, shorten
from ui.parts.curves import COLORS
from ui.parts.server import get_client
from ui.words.text import Text

LABEL_WIDTH = 40


class Words:
    """What this part says."""

    COLUMN = Text("Column", "列")
    TYPE = Text("Type", "类型")
    MISSING = Text("Missing", "缺失")
    DISTINCT = Text("Distinct", "不同值")
    LEAST = Text("Least", "最小")
    MOST = Text("Most", "最大")
    MEAN = Text("Mean", "均值")
    DEVIATION = Text("Deviation", "标准差")
    SPREAD = Text("How they spread", "分布")
    CHOOSE = Text("Look at a column", "查看一列")
    ALL = Text("{rows} rows, which are all.", "共 {rows} 行。")
    SOME = Text("The first {rows} rows; there are more.", "前 {rows} 行；还有更多。")
    COUNT = Text("how many", "数量")
    VALUE = Text("value", "值")
    NO_CHART = Text("There is no chart of columns of this type.", "此类型的列没有图表。")


def show_profile(uri: str) -> None:
    """Of the table at a place."""
    with st.spinner(""):
        found = get_client().data.profile(uri)
    rows = f"{found.rows:,}"
    st.caption(Words.ALL.format(rows=rows) if found.is_whole else Words.SOME.format(rows=rows))
    if not found.columns:
        return
    st.dataframe(
        pd.DataFrame([make_row(column, found.rows) for column in found.columns]),
        hide_index=True,
        column_config=_make_columns(),
        height=360 if len(found.columns) > 9 else "content",
        row_height=36,
    )
    _show_one(found)


def make_row(column: ColumnProfile, rows: int) -> dict[str, Any]:
    """A column as a row."""
    return {
        "name": clean(column.name),
        "type": column.type,
        "missing": column.nulls / rows if rows else 0.0,
        "distinct": column.distinct,
        "spread": [one.count for one in column.histogram] or [one.count for one in column.common] or None,
        "least": _say(column.least),
        "most": _say(column.most),
        "mean": column.mean,
        "deviation": column.deviation,
    }


def _say(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, float):
        return f"{value:.6g}"
    return clean(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _make_columns() -> dict[str, Any]:
    return {
        "name": st.column_config.TextColumn(Words.COLUMN, pinned=True),
        "type": st.column_config.TextColumn(Words.TYPE, width="small"),
        "missing": st.column_config.ProgressColumn(Words.MISSING, format="percent", width="small"),
        "distinct": st.column_config.NumberColumn(Words.DISTINCT, format="localized", width="small"),
        "spread": st.column_config.BarChartColumn(Words.SPREAD, width="medium", y_min=0, color="blue"),
        "least": st.column_config.TextColumn(Words.LEAST),
        "most": st.column_config.TextColumn(Words.MOST),
        "mean": st.column_config.NumberColumn(Words.MEAN, format="%.4g", width="small"),
        "deviation": st.column_config.NumberColumn(Words.DEVIATION, format="%.4g", width="small"),
    }


def _show_one(found: Profile) -> None:
    names = [column.name for column in found.columns]
    chosen = st.selectbox(Words.CHOOSE, range(len(names)), format_func=lambda place: clean(names[place]), width=340)
    chart = make_chart(found.columns[chosen])
    if chart is None:
        st.caption(Words.NO_CHART)
    else:
        st.altair_chart(chart, height=240)


def make_chart(column: ColumnProfile) -> alt.Chart | None:
    """A histogram of numbers, the commonest of everything else; None where nothing was counted."""
    if column.histogram:
        rows = pd.DataFrame([{"low": one.low, "high": one.high, "count": one.count} for one in column.histogram])
        return _make_histogram(rows)
    if not column.common:
        return None
    rows = pd.DataFrame(
        [{"value": shorten(_say(one.value) or "", LABEL_WIDTH), "count": one.count} for one in column.common]
    )
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_bar(color=COLORS[0], cornerRadiusEnd=3)
        .encode(
            x=alt.X("count:Q", title=Words.COUNT, axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("value:N", title=None, sort=None),
            tooltip=[alt.Tooltip("value:N", title=Words.VALUE), alt.Tooltip("count:Q", title=Words.COUNT)],
        )
    )
    return chart


def _make_histogram(rows: pd.DataFrame) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_bar(color=COLORS[0])
        .encode(
            x=alt.X("low:Q", title=Words.VALUE, scale=alt.Scale(zero=False, nice=False)),
            x2="high:Q",
            y=alt.Y("count:Q", title=Words.COUNT, axis=alt.Axis(tickMinStep=1, format="d")),
            tooltip=[
                alt.Tooltip("low:Q", format=".6g"),
                alt.Tooltip("high:Q", format=".6g"),
                alt.Tooltip("count:Q", title=Words.COUNT),
            ],
        )
    )
    return chart
