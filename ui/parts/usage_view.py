"""What was used and what it costs: by day as a chart, by project and user as a table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import altair as alt
import pandas as pd
import streamlit as st

from dix.client.usage import UsageSum
from ui.parts.as_code import Call, show_code
from ui.parts.curves import COLORS
from ui.parts.server import get_client
from ui.parts.tables import show_rows
from ui.words.text import Text, Texts

Measure = Literal["cpu", "gpu", "memory", "cost"]
DAYS = (7, 30, 90)
_HOUR = 3600


class Words:
    """What this part says."""

    DAYS = Text("{days} days", "{days} 天")
    PERIOD = Text("Period", "时间段")
    MEASURE = Text("Measure", "度量")
    MEASURES = Texts[Measure](
        {
            "cpu": Text("Core hours", "CPU 核时"),
            "gpu": Text("Card hours", "GPU 卡时"),
            "memory": Text("GiB hours", "内存 GiB 时"),
            "cost": Text("Cost", "费用"),
        }
    )
    NONE = Text("Nothing was used in this time.", "这段时间没有使用记录。")
    NO_PRICES = Text(
        "There is no price book, so nothing has a cost: `dix usage prices set` makes one.",
        "没有价格表，因此没有费用：`dix usage prices set` 可设置。",
    )
    PROJECT = Text("Project", "项目")
    USER = Text("User", "用户")
    RUNS = Text("Runs", "运行数")
    DAY = Text("day (UTC)", "日期 (UTC)")


def show_usage() -> None:
    """Of the last days; what the visitor sees of it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        days = st.segmented_control(
            Words.PERIOD,
            DAYS,
            default=DAYS[1],
            required=True,
            format_func=lambda days: Words.DAYS.format(days=days),
            key="usage-days",
        )
        measure: Measure = st.segmented_control(
            Words.MEASURE,
            list(Words.MEASURES),
            default="cpu",
            required=True,
            format_func=Words.MEASURES.__getitem__,
            key="usage-measure",
        )
    since = (datetime.now(UTC) - timedelta(days=days - 1)).date()
    client = get_client()
    by_day = client.usage.sum(("day", "project"), since)
    by_user = client.usage.sum(("project", "user"), since)
    if not by_user:
        st.info(Words.NONE)
    elif measure == "cost" and all(one.cost is None for one in by_user):
        st.info(Words.NO_PRICES)
    else:
        st.altair_chart(_make_chart(pd.DataFrame(list_days(by_day, measure)), Words.MEASURES[measure]), height=280)
    if by_user:
        show_rows([make_row(one) for one in by_user], _make_columns())
    query = {"by": "project,user", "since": since.isoformat()}
    show_code(Call("usage.sum", (("project", "user"), since.isoformat()), path=("usage",), query=query), key="usage")


def measure_use(one: UsageSum, measure: Measure) -> float:
    """A sum in hours, or in money."""
    if measure == "cost":
        return one.cost or 0.0
    return {"cpu": one.cpu_s, "gpu": one.gpu_s, "memory": one.memory_gib_s}[measure] / _HOUR


def list_days(sums: Iterable[UsageSum], measure: Measure) -> list[dict[str, Any]]:
    """A row for each day and project."""
    return [{"day": str(one.day), "project": one.project, "amount": measure_use(one, measure)} for one in sums]


def make_row(one: UsageSum) -> dict[str, Any]:
    """A project's user as a row."""
    cost = "" if one.cost is None else f"{one.cost:.2f} {one.currency or ''}".strip()
    amounts = {measure: measure_use(one, measure) for measure in ("cpu", "gpu", "memory")}
    return {"project": one.project, "user": one.user, "runs": one.runs, **amounts, "cost": cost}


def _make_columns() -> dict[str, Any]:
    hours = {
        measure: st.column_config.NumberColumn(Words.MEASURES[measure], format="%.2f")
        for measure in ("cpu", "gpu", "memory")
    }
    return {
        "project": st.column_config.TextColumn(Words.PROJECT),
        "user": st.column_config.TextColumn(Words.USER),
        "runs": st.column_config.NumberColumn(Words.RUNS, width="small"),
        **hours,
        "cost": st.column_config.TextColumn(Words.MEASURES["cost"], width="small"),
    }


def _make_chart(frame: pd.DataFrame, name: str) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(size=18)
        .encode(
            x=alt.X("day:O", title=Words.DAY),
            y=alt.Y("amount:Q", title=name),
            color=alt.Color("project:N", title=Words.PROJECT, scale=alt.Scale(range=COLORS)),
            tooltip=["day:O", "project:N", alt.Tooltip("amount:Q", title=name, format=".3f")],
        )
    )
    return chart
