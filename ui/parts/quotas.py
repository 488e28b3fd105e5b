"""The quotas of projects as bars: what is used of one's own, what is borrowed, what is left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from dix.client.projects import ClientProject
from ui.parts.amounts import say_amount
from ui.parts.as_code import Call, show_code
from ui.parts.curves import COLORS
from ui.parts.server import get_client
from ui.words.text import Text

BAR_HEIGHT = 34


class Words:
    """What this part says."""

    OWN = Text("used of its own", "已用自有")
    BORROWED = Text("borrowed", "借用")
    LEFT = Text("left", "剩余")
    NONE = Text(
        "No project has a quota, so whatever is free is for everybody. `dix projects quota` sets them.",
        "没有项目设置配额，空闲资源人人可用。`dix projects quota` 可设置。",
    )
    SHARE = Text("% of its own quota", "占自有配额 %")
    AMOUNT = Text("amount", "数量")


def show_quotas() -> None:
    """A bar for each resource of each project that has a quota."""
    rows = list_parts(get_client().projects.list())
    if rows:
        frame = pd.DataFrame(rows)
        st.altair_chart(_make_chart(frame), height=max(120, BAR_HEIGHT * frame["what"].nunique() + 70))
    else:
        st.info(Words.NONE)
    show_code(Call("projects.list", path=("projects",)), key="quotas")


def list_parts(projects: Iterable[ClientProject]) -> list[dict[str, Any]]:
    """The parts of each bar in percent of the nominal quota; where that is nothing, of what is used."""
    rows: list[dict[str, Any]] = []
    for project in projects:
        for resource, quota in sorted(project.quotas.items()):
            used = project.used.get(resource, 0.0)
            own, borrowed = min(used, quota.nominal), max(0.0, used - quota.nominal)
            whole = quota.nominal or used or 1.0
            parts = {Words.OWN: own, Words.BORROWED: borrowed, Words.LEFT: max(0.0, quota.nominal - used)}
            rows += [
                {
                    "what": f"{project.name} · {resource}",
                    "part": part,
                    "order": order,
                    "share": 100 * amount / whole,
                    "amount": say_amount(resource, amount),
                }
                for order, (part, amount) in enumerate(parts.items())
            ]
    return rows


def _make_chart(frame: pd.DataFrame) -> alt.Chart:
    names = [Words.OWN, Words.BORROWED, Words.LEFT]
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(height=18)
        .encode(
            y=alt.Y("what:N", title=None, axis=alt.Axis(labelLimit=260)),
            x=alt.X("share:Q", title=Words.SHARE, stack="zero"),
            order="order:Q",
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=names, range=[COLORS[0], COLORS[1], "#a9b2c033"]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=["what:N", "part:N", alt.Tooltip("amount:N", title=Words.AMOUNT)],
        )
    )
    return chart
