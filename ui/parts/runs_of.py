"""The runs that a schedule, a backfill or a sweep has made, fresh while some go on."""

from __future__ import annotations

import streamlit as st

from ui.parts.clock import say_span
from ui.parts.server import get_client, telling
from ui.parts.tables import make_moment_column, make_state_column, pick_row, to_cell
from ui.words.text import Text

REFRESH_S = 3.0
SHOWN = 50


class Words:
    """What this part says."""

    NONE = Text("It has made no run yet.", "还没有生成运行。")
    MORE = Text("The latest {count}; the Runs page has all.", "最近的 {count} 个；全部见“运行”页。")
    DATE = Text("Logical date", "逻辑日期")
    STATE = Text("State", "状态")
    TOOK = Text("Took", "用时")
    WHY = Text("Why", "原因")


def show_runs_of(origin: str) -> None:
    """Newest first; a click opens one."""
    st.fragment(run_every=REFRESH_S)(_show)(origin)


def _show(origin: str) -> None:
    with telling():
        page = get_client().runs.list(origin=origin, limit=SHOWN)
        if not page.items:
            st.caption(Words.NONE)
            return
        rows = [
            {
                "date": to_cell(run.logical_date),
                "state": [run.state.value],
                "took": say_span(run.started, run.ended),
                "why": run.error or run.reason or "",
            }
            for run in page.items
        ]
        columns = {
            "date": make_moment_column(Words.DATE),
            "state": make_state_column(Words.STATE),
            "took": st.column_config.TextColumn(Words.TOOK, width="small"),
            "why": st.column_config.TextColumn(Words.WHY, width="large"),
        }
        picked = pick_row(rows, columns, key=f"runs-of-{origin}")
        if picked is not None and picked < len(page.items):
            st.switch_page("pages/runs.py", query_params={"run": page.items[picked].id})
        if page.next_cursor:
            st.caption(Words.MORE.format(count=SHOWN))
