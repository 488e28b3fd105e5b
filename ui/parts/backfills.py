"""Runs for dates in the past: all backfills, one of them, and the wizard that shows exactly what will be made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import streamlit as st

from dix.client.backfills import ClientBackfill
from dix.records.backfill import BackfillState, Which
from dix.records.schedule import Order
from ui.parts.as_code import Call, show_code
from ui.parts.clock import say_moment
from ui.parts.facts import show_facts
from ui.parts.runs_of import show_runs_of
from ui.parts.server import get_client, telling
from ui.parts.tables import make_moment_column, pick_row, show_rows, to_cell
from ui.parts.text import plain
from ui.words.states import say_state
from ui.words.text import Text, Texts

SHOWN = 200


class Words:
    """What this part says."""

    NONE = Text("Nothing was made for dates in the past yet.", "还没有对历史日期重跑。")
    NEW = Text("Run for dates in the past", "对历史日期重跑")
    FLOW = Text("Flow", "流程")
    FIRST = Text("First date", "起始日期")
    LAST = Text("Last date", "结束日期")
    STEP = Text("Step", "步长")
    STEP_HELP = Text("A time as 1d or 6h, or a cron line.", "时长如 1d、6h，或 cron 表达式。")
    WHICH = Text("Which dates", "哪些日期")
    WHICHES = Texts[str](
        {
            "missing": Text("without a run", "没有运行的"),
            "failed": Text("without one that succeeded", "没有成功运行的"),
            "all": Text("all", "全部"),
        }
    )
    ORDER = Text("Order", "顺序")
    ORDERS = Texts[str]({"forwards": Text("oldest first", "从旧到新"), "backwards": Text("newest first", "从新到旧")})
    AT_ONCE = Text("Runs at once", "同时运行数")
    PREVIEW = Text("Show what would be made", "预览将要生成的运行")
    MADE = Text("{count} runs, exactly these:", "将生成 {count} 个运行，如下：")
    MORE = Text("The first {count} are shown.", "仅显示前 {count} 个。")
    LEFT_OUT = Text("{count} dates are left out, because they have runs.", "跳过 {count} 个已有运行的日期。")
    NOTHING = Text("No date is left to make a run for.", "没有需要生成运行的日期。")
    MAKE = Text("Make them", "生成")
    TURN = Text("Turn", "序号")
    DATE = Text("Logical date", "逻辑日期")
    UNTIL = Text("Data until", "数据止")
    BACKFILL = Text("Backfill", "重跑任务")
    STATE = Text("State", "状态")
    OVER = Text("over", "已结束")
    STATES = Texts[str](
        {
            "creating": Text("being made", "生成中"),
            "open": Text("on", "进行中"),
            "paused": Text("paused", "已暂停"),
            "cancelled": Text("cancelled", "已取消"),
        }
    )
    RUNS = Text("Runs", "运行")
    PAUSE = Text("Pause", "暂停")
    RESUME = Text("Resume", "恢复")
    CANCEL = Text("Cancel", "取消")
    REALLY = Text(
        "All its runs that are not over are cancelled, running ones too.",
        "所有未结束的运行都会被取消，包括正在运行的。",
    )
    YES = Text("Cancel this backfill", "取消这次重跑")
    BACK = Text("All backfills", "全部重跑任务")


def show_backfills() -> None:
    """All of them, and the wizard."""
    with st.expander(Words.NEW, icon=":material/history:"), telling():
        _ask_new()
    backfills = get_client().backfills.list()
    if not backfills:
        st.info(Words.NONE, icon=":material/history:")
        return
    columns = {
        "id": st.column_config.TextColumn(Words.BACKFILL),
        "flow": st.column_config.TextColumn(Words.FLOW),
        "first": make_moment_column(Words.FIRST),
        "last": make_moment_column(Words.LAST),
        "state": st.column_config.TextColumn(Words.STATE, width="small"),
        "runs": st.column_config.TextColumn(Words.RUNS),
    }
    picked = pick_row([_make_row(one) for one in backfills], columns, key="backfills_table")
    if picked is not None:
        st.switch_page("pages/schedules.py", query_params={"backfill": backfills[picked].id})


def show_backfill(id: str) -> None:
    """One of them, with its runs."""
    st.page_link(
        "pages/schedules.py", label=Words.BACK, icon=":material/arrow_back:", query_params={"section": "backfills"}
    )
    backfill = get_client().backfills.get(id)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"## {plain(backfill.flow)}", width="content")
        if not backfill.is_over:
            _show_actions(backfill)
    show_facts(
        {
            Words.BACKFILL: backfill.id,
            Words.FIRST: say_moment(backfill.first),
            Words.LAST: say_moment(backfill.last),
            Words.AT_ONCE: backfill.concurrency,
            Words.STATE: _say_state(backfill),
            Words.RUNS: _count(backfill),
        }
    )
    show_runs_of(backfill.origin)


def _make_row(backfill: ClientBackfill) -> dict[str, Any]:
    return {
        "id": backfill.id,
        "flow": backfill.flow,
        "first": to_cell(backfill.first),
        "last": to_cell(backfill.last),
        "state": _say_state(backfill),
        "runs": _count(backfill),
    }


def _say_state(backfill: ClientBackfill) -> str:
    is_done = backfill.is_over and backfill.state is not BackfillState.CANCELLED
    return Words.OVER if is_done else Words.STATES[backfill.state]


def _count(backfill: ClientBackfill) -> str:
    return " · ".join(f"{count} {say_state(state)}" for state, count in backfill.runs.items())


def _ask_new() -> None:
    client = get_client()
    flows = [flow.flow for flow in client.flows.list(limit=1000).items]
    today = datetime.now(UTC).date()
    left, middle, right = st.columns(3)
    flow = left.selectbox(Words.FLOW, flows, key="backfill-flow")
    first = middle.date_input(Words.FIRST, today - timedelta(days=7), key="backfill-first")
    last = right.date_input(Words.LAST, today - timedelta(days=1), key="backfill-last")
    step = left.text_input(Words.STEP, "1d", help=Words.STEP_HELP, key="backfill-step").strip()
    which = middle.selectbox(Words.WHICH, list(Which), format_func=lambda one: Words.WHICHES[one], key="backfill-which")
    order = right.selectbox(Words.ORDER, list(Order), format_func=lambda one: Words.ORDERS[one], key="backfill-order")
    at_once = left.number_input(Words.AT_ONCE, 1, 10_000, 1, key="backfill-at-once")
    if not flow or not isinstance(first, date) or not isinstance(last, date):
        return
    more: dict[str, Any] = {"step": step, "which": str(which), "order": str(order), "concurrency": at_once}
    if not st.toggle(Words.PREVIEW, key="backfill-preview"):
        return
    preview = client.backfills.preview(flow, first, last, **more)
    _show_preview(preview.instances, len(preview.left_out))
    if not preview.instances:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button(Words.MAKE, type="primary", key="backfill-make")
        dates = {"first": first.isoformat(), "last": last.isoformat()}
        body = {"flow": flow, **dates, **more}
        show_code(Call("backfills.create", (flow,), dates | more, "POST", ("backfills",), body=body), "backfill-new")
    if wanted:
        made = client.backfills.create(flow, first, last, **more)
        st.switch_page("pages/schedules.py", query_params={"backfill": made.id})


def _show_preview(instances: tuple[Any, ...], left_out: int) -> None:
    if not instances:
        st.info(Words.NOTHING)
    else:
        st.caption(Words.MADE.format(count=len(instances)))
        rows = [
            {"turn": i + 1, "date": to_cell(one.logical_date), "until": to_cell(one.interval_end)}
            for i, one in enumerate(instances[:SHOWN])
        ]
        columns = {
            "turn": st.column_config.NumberColumn(Words.TURN, width="small"),
            "date": make_moment_column(Words.DATE),
            "until": make_moment_column(Words.UNTIL),
        }
        show_rows(rows, columns)
    if len(instances) > SHOWN:
        st.caption(Words.MORE.format(count=SHOWN))
    if left_out:
        st.caption(Words.LEFT_OUT.format(count=left_out))


def _show_actions(backfill: ClientBackfill) -> None:
    backfills = get_client().backfills
    is_paused = backfill.state is BackfillState.PAUSED
    with st.container(horizontal=True, width="content"):
        label, method = (Words.RESUME, backfills.resume) if is_paused else (Words.PAUSE, backfills.pause)
        if st.button(label, key="backfill-pause"):
            _do(method, backfill.id)
        with st.popover(Words.CANCEL, icon=":material/stop_circle:", key="backfill-cancel", on_change="rerun"):
            st.write(Words.REALLY)
            if st.button(Words.YES, type="primary"):
                _do(backfills.cancel, backfill.id)


def _do(method: Callable[[str], Mapping[str, Any] | ClientBackfill], id: str) -> None:
    with telling():
        method(id)
        st.rerun()
