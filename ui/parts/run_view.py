"""One run: what it is, how it stands, and its steps, curves, logs and parameters; live while it goes on."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from dix.client.run import ClientRun
from dix.errors import DixError
from ui.parts.badges import write_badge
from ui.parts.clock import say_moment, say_span
from ui.parts.curves import show_curves
from ui.parts.facts import show_facts
from ui.parts.log_view import show_logs
from ui.parts.server import get_client, telling
from ui.parts.steps import show_steps
from ui.parts.text import plain
from ui.words.text import Text, Texts

REFRESH_S = 1.0
Section = Literal["steps", "curves", "logs", "params"]


class Words:
    """What this part says."""

    BACK = Text("All runs", "全部运行")
    CANCEL = Text("Cancel", "取消")
    REALLY = Text("This ends the run; what its steps have not finished is lost.", "这将结束运行；未完成的步骤会丢失。")
    YES = Text("Cancel this run", "取消这次运行")
    RETRY = Text("Retry", "重试")
    RETRY_HELP = Text(
        "A new run of the same flow and parameters; what had succeeded is not done again.",
        "用相同的流程和参数重新运行；已成功的部分不再重做。",
    )
    CREATED = Text("Created", "创建于")
    STARTED = Text("Started", "开始于")
    TOOK = Text("Took", "用时")
    DRIVER = Text("Driver", "驱动方式")
    DATE = Text("Logical date", "逻辑日期")
    PROJECT = Text("Project", "项目")
    PRIORITY = Text("Priority", "优先级")
    RUN = Text("Run", "运行")
    VERSION = Text("Version", "版本")
    RETRY_OF = Text("This is a retry of", "重试自")
    SECTIONS = Texts[Section](
        {
            "steps": Text("Steps", "步骤"),
            "curves": Text("Curves", "曲线"),
            "logs": Text("Logs", "日志"),
            "params": Text("Parameters", "参数"),
        }
    )
    SECTION = Text("What to show", "显示内容")
    NO_PARAMS = Text("This flow has no parameters.", "这个流程没有参数。")


def show_run(id: str) -> None:
    """The run whose id this is; a sentence when there is none."""
    st.page_link("pages/runs.py", label=Words.BACK, icon=":material/arrow_back:")
    with telling():
        is_live = not get_client().runs.get(id).is_over
        st.fragment(run_every=REFRESH_S if is_live else None)(_show_body)(id, is_live=is_live)


def _show_body(id: str, *, is_live: bool) -> None:
    with telling():
        run = get_client().runs.get(id)
        if is_live and run.is_over:
            st.rerun()
        _show_head(run)
        _show_facts(run)
        section = st.segmented_control(
            Words.SECTION,
            list(Words.SECTIONS),
            default="steps",
            required=True,
            format_func=Words.SECTIONS.__getitem__,
            label_visibility="collapsed",
            key=f"section-{id}",
        )
        _show_section(run, section)


def _show_section(run: ClientRun, section: Section) -> None:
    if section == "curves":
        show_curves(run)
    elif section == "logs":
        show_logs(run)
    elif section == "params":
        _show_params(run)
    else:
        show_steps(run)


def _show_head(run: ClientRun) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"## {plain(run.flow)} {write_badge(run.state)}", width="content")
        if run.is_over:
            if st.button(Words.RETRY, icon=":material/replay:", help=Words.RETRY_HELP):
                _retry(run)
        else:
            # With a key and its state kept here, it stays open when the page is drawn anew around it.
            with st.popover(Words.CANCEL, icon=":material/stop_circle:", key=f"cancel-{run.id}", on_change="rerun"):
                st.write(Words.REALLY)
                if st.button(Words.YES, type="primary"):
                    _cancel(run)
    if run.error:
        st.error(plain(run.error), icon=":material/error:")
    if run.reason and not run.is_over:
        st.warning(plain(run.reason), icon=":material/hourglass_top:")


def _cancel(run: ClientRun) -> None:
    with telling():
        run.cancel()
        st.rerun()


def _retry(run: ClientRun) -> None:
    try:
        again = run.retry()
    except DixError as error:
        st.error(plain(error), icon=":material/error:")
        return
    st.switch_page("pages/runs.py", query_params={"run": again.id})


def _show_facts(run: ClientRun) -> None:
    facts = {
        Words.RUN: run.id,
        Words.VERSION: run.flow_version,
        Words.CREATED: say_moment(run.created),
        Words.STARTED: say_moment(run.started),
        Words.TOOK: say_span(run.started, run.ended),
        Words.DRIVER: run.driver.value,
        Words.DATE: say_moment(run.logical_date),
        Words.PROJECT: run.project,
        Words.PRIORITY: run.priority,
    }
    show_facts(facts)
    if run.retry_of:
        with st.container(horizontal=True, gap="small"):
            st.caption(Words.RETRY_OF, width="content")
            st.page_link("pages/runs.py", label=run.retry_of, query_params={"run": run.retry_of})


def _show_params(run: ClientRun) -> None:
    if run.params:
        st.json(run.params)
    else:
        st.info(Words.NO_PARAMS)
