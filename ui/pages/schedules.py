"""The Schedules page: what runs by itself and when, what was missed and why, and runs for dates in the past."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dix.client.schedules import ClientSchedule
from dix.client.wire import join
from dix.errors import DixError
from dix.records.schedule import DEFAULT_ZONE, Overlap
from ui.parts.as_code import Call, show_code
from ui.parts.backfills import show_backfill, show_backfills
from ui.parts.clock import say_moment
from ui.parts.facts import show_facts
from ui.parts.runs_of import show_runs_of
from ui.parts.server import get_client, telling
from ui.parts.tables import make_moment_column, pick_row, show_rows, to_cell
from ui.parts.text import plain
from ui.words.text import Text, Texts

SECTIONS = ("schedules", "backfills")


class Words:
    """What this page says."""

    TITLE = Text("Schedules", "调度")
    SECTION = Text("What to show", "显示内容")
    SECTIONS = Texts[str](
        {"schedules": Text("Schedules", "定时与事件"), "backfills": Text("Dates in the past", "重跑历史日期")}
    )
    NONE = Text(
        "Nothing runs by itself yet. A schedule starts a flow by the clock, in any time zone.",
        "还没有自动运行的流程。调度可以按任意时区的时钟启动流程。",
    )
    NEW = Text("New schedule", "新建调度")
    NAME = Text("Name", "名称")
    FLOW = Text("Flow", "流程")
    CRON = Text("When", "时间")
    CRON_HELP = Text(
        "Minute, hour, day, month, weekday, as 0 6 * * MON-FRI; or @daily and its like.",
        "分、时、日、月、星期，例如 0 6 * * MON-FRI；或 @daily 等。",
    )
    ZONE = Text("Time zone", "时区")
    OVERLAP = Text("While one still runs", "上一次仍在运行时")
    OVERLAPS = Texts[str](
        {
            "queue": Text("wait for it", "排队等待"),
            "skip": Text("leave this one out", "跳过这一次"),
            "replace": Text("cancel it", "取消上一次"),
            "allow": Text("run beside it", "同时运行"),
        }
    )
    CATCH_UP = Text("Of what is late, make so many (0: the last one)", "补跑错过的次数（0：只补最后一次）")
    MAKE = Text("Make it", "创建")
    NEXT = Text("Its next times", "接下来的时间")
    THERE = Text("There", "当地时间")
    UTC = Text("Here", "您的时间")
    FROM = Text("Data from", "数据起")
    UNTIL = Text("Data until", "数据止")
    NO_TIMES = Text("It is not due any more.", "不会再触发。")
    MISSED = Text("What was missed, and why", "错过的时间及原因")
    NONE_MISSED = Text("Nothing was missed.", "没有错过。")
    FIRST = Text("From", "从")
    LAST = Text("To", "到")
    COUNT = Text("Times", "次数")
    WHY = Text("Why", "原因")
    RUNS = Text("Its runs", "它的运行")
    DUE = Text("Next", "下一次")
    STATE = Text("State", "状态")
    PAUSED = Text("paused", "已暂停")
    GOES_ON = Text("on", "启用")
    PAUSE = Text("Pause", "暂停")
    RESUME = Text("Resume", "恢复")
    DELETE = Text("Delete", "删除")
    REALLY = Text(
        "It is forgotten; its runs that wait are cancelled, and those that go on go on.",
        "调度将被删除；等待中的运行会被取消，进行中的继续。",
    )
    YES = Text("Delete this schedule", "删除这个调度")
    BACK = Text("All schedules", "全部调度")
    WHENEVER = Text("whenever {kind} {target} changes", "{kind} {target} 变化时")


def show() -> None:
    """One schedule, one backfill, or all of them, as the address says."""
    name, backfill = st.query_params.get("schedule"), st.query_params.get("backfill")
    if name:
        _show_schedule(name)
    elif backfill:
        show_backfill(backfill)
    else:
        _show_all()


def _show_all() -> None:
    st.title(Words.TITLE)
    asked = st.query_params.get("section")
    section = st.segmented_control(
        Words.SECTION,
        SECTIONS,
        default=asked if asked in SECTIONS else SECTIONS[0],
        required=True,
        format_func=lambda word: Words.SECTIONS[word],
        label_visibility="collapsed",
    )
    if section == "backfills":
        show_backfills()
    else:
        _show_schedules()


def _show_schedules() -> None:
    with st.expander(Words.NEW, icon=":material/add:"), telling():
        _ask_new()
    schedules = get_client().schedules.list()
    if not schedules:
        st.info(Words.NONE, icon=":material/schedule:")
        return
    columns = {
        "name": st.column_config.TextColumn(Words.NAME),
        "flow": st.column_config.TextColumn(Words.FLOW),
        "when": st.column_config.TextColumn(Words.CRON),
        "due": make_moment_column(Words.DUE),
        "state": st.column_config.TextColumn(Words.STATE, width="small"),
    }
    picked = pick_row([_make_row(one) for one in schedules], columns, key="schedules_table")
    if picked is not None:
        st.switch_page("pages/schedules.py", query_params={"schedule": schedules[picked].name})


def _make_row(schedule: ClientSchedule) -> dict[str, Any]:
    return {
        "name": schedule.name,
        "flow": schedule.flow,
        "when": _say_when(schedule),
        "due": to_cell(schedule.due),
        "state": Words.PAUSED if schedule.is_paused else Words.GOES_ON,
    }


def _say_when(schedule: ClientSchedule) -> str:
    if schedule.watch is not None:
        return Words.WHENEVER.format(kind=schedule.watch.kind, target=schedule.watch.target)
    return f"{schedule.cron} ({schedule.zone})"


def _ask_new() -> None:
    """A form whose next times are seen as one types."""
    client = get_client()
    flows = [flow.flow for flow in client.flows.list(limit=1000).items]
    left, right = st.columns(2)
    name = left.text_input(Words.NAME, key="schedule-name").strip()
    flow = right.selectbox(Words.FLOW, flows, key="schedule-flow")
    cron = left.text_input(Words.CRON, value="@daily", help=Words.CRON_HELP, key="schedule-cron").strip()
    zone = right.text_input(Words.ZONE, value=st.context.timezone or DEFAULT_ZONE, key="schedule-zone").strip()
    overlap = left.selectbox(
        Words.OVERLAP,
        [Overlap.QUEUE, Overlap.SKIP, Overlap.REPLACE, Overlap.ALLOW],
        format_func=lambda one: Words.OVERLAPS[one],
        key="schedule-overlap",
    )
    catch_up = right.number_input(Words.CATCH_UP, 0, 1000, 0, key="schedule-catch-up")
    times = client.wire.post(f"{join('schedules', 'preview')}?count=5", {"cron": cron, "zone": zone})
    _show_times(times["items"])
    more: dict[str, Any] = {"zone": zone, "overlap": overlap.value, "catch_up": catch_up}
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button(Words.MAKE, type="primary", disabled=not flow, key="schedule-make")
        body = {"name": name, "flow": flow, "cron": cron, **more}
        call = Call("schedules.create", (name, flow, cron), more, "POST", ("schedules",), body=body)
        show_code(call, "schedule-new")
    if wanted:
        client.schedules.create(name, flow, cron, **more)
        st.switch_page("pages/schedules.py", query_params={"schedule": name})


def _show_times(times: list[dict[str, Any]]) -> None:
    st.caption(Words.NEXT)
    if not times:
        st.caption(Words.NO_TIMES)
        return
    rows = [
        {
            "there": f"{one['local'][:19].replace('T', ' ')} {one['zone']}",
            "here": to_cell(one["due"]),
            "from": to_cell(one["data_interval_start"]),
            "until": to_cell(one["data_interval_end"]),
        }
        for one in times
    ]
    columns = {
        "there": st.column_config.TextColumn(Words.THERE),
        "here": make_moment_column(Words.UTC),
        "from": make_moment_column(Words.FROM),
        "until": make_moment_column(Words.UNTIL),
    }
    show_rows(rows, columns)


def _show_schedule(name: str) -> None:
    st.page_link("pages/schedules.py", label=Words.BACK, icon=":material/arrow_back:")
    client = get_client()
    schedule = client.schedules.get(name)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"## {plain(schedule.name)}", width="content")
        _show_actions(schedule)
    show_facts(
        {
            Words.FLOW: schedule.flow,
            Words.CRON: _say_when(schedule),
            Words.DUE: say_moment(schedule.due),
            Words.STATE: Words.PAUSED if schedule.is_paused else Words.GOES_ON,
            Words.OVERLAP: Words.OVERLAPS[schedule.overlap],
        }
    )
    left, right = st.columns(2, gap="large")
    with left:
        if schedule.watch is None:
            _show_times(client.wire.get(join("schedules", name, "preview"), count=10)["items"])
        st.subheader(Words.MISSED)
        _show_missed(name)
    with right:
        st.subheader(Words.RUNS)
        show_runs_of(schedule.origin)


def _show_actions(schedule: ClientSchedule) -> None:
    schedules = get_client().schedules
    with st.container(horizontal=True, width="content"):
        word, method = ("resume", schedules.resume) if schedule.is_paused else ("pause", schedules.pause)
        if st.button(Words.RESUME if schedule.is_paused else Words.PAUSE, key=f"schedule-{word}"):
            with telling():
                method(schedule.name)
                st.rerun()
        with st.popover(Words.DELETE, icon=":material/delete:", key="schedule-delete", on_change="rerun"):
            st.write(Words.REALLY)
            if st.button(Words.YES, type="primary"):
                _delete(schedule.name)
        show_code(Call(f"schedules.{word}", (schedule.name,), {}, "POST", ("schedules", schedule.name, word)), word)


def _delete(name: str) -> None:
    try:
        get_client().schedules.delete(name)
    except DixError as error:
        st.error(plain(error), icon=":material/error:")
        return
    st.switch_page("pages/schedules.py")


def _show_missed(name: str) -> None:
    missed = get_client().schedules.missed(name)
    if not missed:
        st.caption(Words.NONE_MISSED)
        return
    rows = [
        {"first": to_cell(one.first), "last": to_cell(one.last), "count": one.count, "why": one.reason}
        for one in missed[:50]
    ]
    columns = {
        "first": make_moment_column(Words.FIRST),
        "last": make_moment_column(Words.LAST),
        "count": st.column_config.NumberColumn(Words.COUNT, width="small"),
        "why": st.column_config.TextColumn(Words.WHY, width="large"),
    }
    show_rows(rows, columns)


if __name__ == "__main__":
    show()
