"""The Runs page: all runs, newest first; one run when `?run=` names it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dix.client.run import ClientRun
from dix.names import is_name
from dix.records.states import RunState
from ui.parts.clock import say_span
from ui.parts.paging import forget_cursor, get_cursor, show_paging
from ui.parts.run_view import show_run
from ui.parts.server import get_client, telling
from ui.parts.tables import make_moment_column, make_state_column, pick_row, to_cell
from ui.words.text import Text

REFRESH_S = 3.0
PAGE_SIZE = 25
CURSOR = "runs-cursor"
ALL = "all"


class Words:
    """What this page says."""

    TITLE = Text("Runs", "运行")
    STATE = Text("State", "状态")
    FLOW = Text("Flow", "流程")
    ANY_FLOW = Text("any flow", "任意流程")
    NONE = Text("No run is like that.", "没有符合条件的运行。")
    NONE_AT_ALL = Text(
        "Nothing has run yet. `dix run FILE` starts a flow; `dix demo` shows a whole one.",
        "还没有运行过任何流程。`dix run FILE` 启动一个流程；`dix demo` 演示完整的流程。",
    )
    BAD_FLOW = Text("A flow's name has a-z, 0-9 and - only.", "流程名称只能包含 a-z、0-9 和 -。")
    ID = Text("Run", "运行")
    DRIVER = Text("Driver", "驱动方式")
    CREATED = Text("Created", "创建于")
    TOOK = Text("Took", "用时")
    WHY = Text("Why", "原因")


def show() -> None:
    """One run or all of them, as the address says."""
    wanted = st.query_params.get("run")
    if wanted:
        show_run(wanted)
        return
    st.title(Words.TITLE)
    state, flow = _ask_filter()
    cursor = get_cursor(CURSOR)
    # Only the newest runs change while one looks.
    st.fragment(run_every=REFRESH_S if cursor is None else None)(_show_list)(state, flow, cursor)


def _ask_filter() -> tuple[RunState | None, str | None]:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    chosen = left.segmented_control(
        Words.STATE,
        [ALL, *(state.value for state in RunState)],
        default=ALL,
        required=True,
        key="state",
        bind="query-params",
        on_change=forget_cursor,
        args=(CURSOR,),
    )
    flow = right.text_input(
        Words.FLOW, key="flow", bind="query-params", placeholder=Words.ANY_FLOW, on_change=forget_cursor, args=(CURSOR,)
    ).strip()
    if flow and not is_name(flow):
        right.caption(Words.BAD_FLOW)
        flow = ""
    return None if chosen == ALL else RunState(chosen), flow or None


def _show_list(state: RunState | None, flow: str | None, cursor: str | None) -> None:
    with telling():
        page = get_client().runs.list(flow, state, limit=PAGE_SIZE, cursor=cursor)
        if not page.items:
            st.info(Words.NONE_AT_ALL if state is None and flow is None and cursor is None else Words.NONE)
            return
        picked = pick_row([_make_row(run) for run in page.items], _make_columns(), key="runs_table")
        if picked is not None and picked < len(page.items):
            st.switch_page("pages/runs.py", query_params={"run": page.items[picked].id})
        show_paging(CURSOR, page.next_cursor)


def _make_row(run: ClientRun) -> dict[str, Any]:
    return {
        "flow": run.flow,
        "state": [run.state.value],
        "id": run.id,
        "driver": run.driver.value,
        "created": to_cell(run.created),
        "took": say_span(run.started, run.ended),
        "why": run.error or run.reason or "",
    }


def _make_columns() -> dict[str, Any]:
    return {
        "flow": st.column_config.TextColumn(Words.FLOW),
        "state": make_state_column(Words.STATE),
        "id": st.column_config.TextColumn(Words.ID),
        "driver": st.column_config.TextColumn(Words.DRIVER, width="small"),
        "created": make_moment_column(Words.CREATED),
        "took": st.column_config.TextColumn(Words.TOOK, width="small"),
        "why": st.column_config.TextColumn(Words.WHY, width="large"),
    }


if __name__ == "__main__":
    show()
