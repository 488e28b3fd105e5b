"""Curves: the numbers that the steps of a run reported, one chart for each, epoch by epoch."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import TypeAlias

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dix.client.pictures.words import clean
from dix.client.run import ClientRun
from dix.records.metric import MetricPoint
from ui.words.text import Text

CHART_HEIGHT = 280
COLORS = ("#2f5fd0", "#c9820f", "#2c9553", "#7353cf", "#cf3a35", "#5b6675")
COLUMNS = 2

# The points of each chart, each with the name of its curve.
Charts: TypeAlias = dict[str, list[tuple[str, MetricPoint]]]
_PART = re.compile(r"(?P<part>train|valid|val|test)_(?P<base>.+)")


class Words:
    """What this part says."""

    NONE = Text(
        "No numbers yet. Training algorithms report theirs after each epoch.", "还没有数值。训练算法在每一轮之后报告。"
    )
    EPOCH = Text("epoch", "轮次")
    SERIES = Text("series", "曲线")
    NOT_FINITE = Text("Not drawn, because they are no finite numbers: ", "因不是有限数值而未绘制：")


def show_curves(run: ClientRun, node: str | None = None) -> None:
    """A chart for each metric, of one node or of all; training and validation of the same number share one."""
    points = keep_last_attempts(run.metrics(node))
    if not points:
        st.info(Words.NONE)
        return
    finite = [point for point in points if math.isfinite(point.value)]
    charts = group_by_chart(finite)
    if run.is_over:
        charts = leave_out_single_numbers(charts)
    names = sorted(charts)
    for start in range(0, len(names), COLUMNS):
        for column, name in zip(st.columns(COLUMNS), names[start : start + COLUMNS], strict=False):
            _show_chart(column, name, charts[name])
    if len(finite) < len(points):
        st.caption(f"{Words.NOT_FINITE}{len(points) - len(finite)}")


def keep_last_attempts(points: Iterable[MetricPoint]) -> list[MetricPoint]:
    """The points of each node's last attempt that reported anything."""
    every = list(points)
    last: dict[str, int] = {}
    for point in every:
        last[point.node] = max(last.get(point.node, 0), point.attempt)
    return [point for point in every if point.attempt == last[point.node]]


def group_by_chart(points: Iterable[MetricPoint]) -> Charts:
    """Points with the name of their curve, by the name of their chart: `valid_loss` belongs to `loss`."""
    charts: Charts = defaultdict(list)
    for point in points:
        match = _PART.fullmatch(point.name)
        base, part = (match["base"], match["part"]) if match else (point.name, "")
        charts[base].append((f"{point.node} {part}".strip(), point))
    return dict(charts)


def leave_out_single_numbers(charts: Charts) -> Charts:
    """What was reported once is no curve; it stands among the last numbers of its step."""
    return {name: members for name, members in charts.items() if len({point.position for _, point in members}) > 1}


def _show_chart(column: DeltaGenerator, name: str, members: list[tuple[str, MetricPoint]]) -> None:
    with column, st.container(border=True):
        # As text, not as a label, because labels are read as markdown.
        st.text(clean(name))
        st.altair_chart(_make_chart(members), height=CHART_HEIGHT)


def _make_chart(members: list[tuple[str, MetricPoint]]) -> alt.Chart:
    rows = pd.DataFrame(
        {
            "series": [series for series, _ in members],
            "epoch": [point.position for _, point in members],
            "value": [point.value for _, point in members],
        }
    )
    legend = alt.Legend(orient="bottom", offset=4, padding=0) if rows["series"].nunique() > 1 else None
    chart: alt.Chart = (
        alt.Chart(rows)
        .mark_line(point=alt.OverlayMarkDef(size=28), strokeWidth=2)
        .encode(
            x=alt.X("epoch:Q", title=Words.EPOCH, axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
            color=alt.Color("series:N", title=None, legend=legend, scale=alt.Scale(range=COLORS)),
            tooltip=[
                alt.Tooltip("series:N", title=Words.SERIES),
                alt.Tooltip("epoch:Q", title=Words.EPOCH),
                alt.Tooltip("value:Q", format=".6g"),
            ],
        )
    )
    return chart
