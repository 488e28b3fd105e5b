"""The Flows page: all flows; one flow to be drawn when `?flow=` names it, a new one with `?new=`.

An earlier version (`&version=`) is shown as it was, to be looked at.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from dix.client.flows import ClientFlow
from dix.client.pictures.graphs import MAX_NODES
from dix.errors import DixError
from dix.flow.document import FlowDoc
from dix.flow.text import read_flow
from dix.names import is_name
from dix.records.flow_version import FlowVersion
from ui.canvas.component import is_built
from ui.editor.editor import show_editor
from ui.parts.badges import write_badge
from ui.parts.clock import say_moment, say_span
from ui.parts.graph import draw_flow
from ui.parts.paging import get_cursor, show_paging
from ui.parts.server import get_client, get_user
from ui.parts.tables import make_moment_column, pick_row, to_cell
from ui.parts.text import plain
from ui.words.text import Text

PAGE_SIZE = 25
CURSOR = "flows-cursor"
SHOWN_RUNS = 5


class Words:
    """What this page says."""

    TITLE = Text("Flows", "流程")
    NEW = Text("New flow", "新建流程")
    CREATE = Text("Draw it", "开始绘制")
    NEW_NAME = Text("Name", "名称")
    NEW_HELP = Text("a-z, 0-9 and -, such as digits", "a-z、0-9 和 -，例如 digits")
    BAD_NAME = Text(
        "A flow's name has a-z, 0-9 and - only, and begins with a letter or a digit.",
        "流程名称只能有 a-z、0-9 和 -，并以字母或数字开头。",
    )
    NONE = Text(
        "No flow is kept yet. Draw one here, or keep a file with `dix flows push FILE`.",
        "还没有保存任何流程。可在此绘制，或用 `dix flows push FILE` 保存文件。",
    )
    BACK = Text("All flows", "全部流程")
    NAME = Text("Flow", "流程")
    VERSION = Text("Version", "版本")
    DESCRIPTION = Text("Description", "说明")
    CREATED = Text("Changed", "修改于")
    PROJECT = Text("Project", "项目")
    RUN_IT = Text("Run it in a terminal:", "在终端中运行：")
    DOCUMENT = Text("Document", "文档")
    RUNS = Text("Latest runs", "最近的运行")
    NO_RUNS = Text("It has not run yet.", "还没有运行过。")
    UNREADABLE = Text("This version of DI-X cannot read the document: ", "此版本的 DI-X 无法读取该文档：")
    TOO_LARGE = Text(
        "A graph of {count} nodes is too large to be drawn; the document below has them all.",
        "{count} 个节点的图太大，无法绘制；下面的文档包含全部节点。",
    )
    CHOICE = Text("version {version} · {created}", "版本 {version} · {created}")
    OLD = Text(
        "This is an earlier version, to be looked at. The latest one can be edited.",
        "这是较早的版本，仅供查看；最新版本可以编辑。",
    )
    NO_CANVAS = Text(
        "The canvas has not been built here, so flows are read-only; install dix again where npm can reach its "
        "registry, or run `python ui/canvas/build_hook.py`.",
        "此处没有构建画布，因此流程只读；请在 npm 能访问其仓库时重装 dix，或运行 `python ui/canvas/build_hook.py`。",
    )


def show() -> None:
    """One flow or all of them, as the address says."""
    name, new = st.query_params.get("flow"), st.query_params.get("new")
    if name:
        _show_flow(name)
        return
    if new and is_name(new) and is_built():
        _show_new(new)
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(Words.TITLE, width="content")
        if is_built():
            _ask_name()
    page = get_client().flows.list(limit=PAGE_SIZE, cursor=get_cursor(CURSOR))
    if not page.items:
        st.info(Words.NONE)
    else:
        picked = pick_row([_make_row(flow) for flow in page.items], _make_columns(), key="flows_table")
        if picked is not None:
            st.switch_page("pages/flows.py", query_params={"flow": page.items[picked].flow})
    show_paging(CURSOR, page.next_cursor)


def _make_row(flow: FlowVersion) -> dict[str, Any]:
    return {
        "flow": flow.flow,
        "description": flow.description,
        "version": flow.version,
        "created": to_cell(flow.created),
        "project": flow.project,
    }


def _make_columns() -> dict[str, Any]:
    return {
        "flow": st.column_config.TextColumn(Words.NAME),
        "description": st.column_config.TextColumn(Words.DESCRIPTION, width="large"),
        "version": st.column_config.NumberColumn(Words.VERSION, width="small"),
        "created": make_moment_column(Words.CREATED),
        "project": st.column_config.TextColumn(Words.PROJECT, width="small"),
    }


def _ask_name() -> None:
    with st.popover(Words.NEW, icon=":material/add:", type="primary"), st.form("new_flow", border=False):
        name = st.text_input(Words.NEW_NAME, placeholder=Words.NEW_HELP).strip()
        if st.form_submit_button(Words.CREATE, type="primary"):
            if is_name(name):
                st.switch_page("pages/flows.py", query_params={"new": name})
            st.error(Words.BAD_NAME)


def _show_new(name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("pages/flows.py", label=Words.BACK, icon=":material/arrow_back:", width="content")
        st.markdown(f"#### {plain(name)}", width="content")
    show_editor(name, get_user())


def _show_flow(name: str) -> None:
    versions = get_client().flows.versions(name)
    wanted = st.query_params.get("version", "")
    start = next((place for place, version in enumerate(versions) if str(version.version) == wanted), 0)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.page_link("pages/flows.py", label=Words.BACK, icon=":material/arrow_back:", width="content")
        st.markdown(f"#### {plain(name)}", width="content")
        chosen = st.selectbox(
            Words.VERSION, versions, index=start, format_func=_say_version, label_visibility="collapsed", width=340
        )
    if chosen.version == versions[0].version and is_built():
        show_editor(name, get_user())
        with st.expander(Words.RUNS):
            _show_runs(name)
        return
    if is_built():
        st.info(Words.OLD)
    else:
        st.warning(Words.NO_CANVAS)
    _show_version(get_client().flows.get(name, chosen.version))


def _show_version(flow: ClientFlow) -> None:
    """One version to be looked at: its graph and its text."""
    if flow.description:
        st.markdown(plain(flow.description))
    _show_graph(flow)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(Words.DOCUMENT)
        st.code(flow.text, language="yaml", height=480)
    with right:
        st.subheader(Words.RUNS)
        _show_runs(flow.flow)
        st.caption(Words.RUN_IT)
        st.code(f"dix run {flow.flow}", language="shell")


def _say_version(version: FlowVersion) -> str:
    return Words.CHOICE.format(version=version.version, created=say_moment(version.created))


def _show_graph(flow: FlowVersion) -> None:
    try:
        doc: FlowDoc = read_flow(flow.text)
    except DixError as error:
        st.warning(f"{Words.UNREADABLE}{plain(error)}")
        return
    if len(doc.nodes) > MAX_NODES:
        st.info(Words.TOO_LARGE.format(count=len(doc.nodes)))
        return
    draw_flow(doc)


def _show_runs(name: str) -> None:
    runs = get_client().runs.list(name, limit=SHOWN_RUNS).items
    if not runs:
        st.caption(Words.NO_RUNS)
    for run in runs:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.page_link("pages/runs.py", label=say_moment(run.created), query_params={"run": run.id})
            st.markdown(write_badge(run.state), width="content")
            st.caption(say_span(run.started, run.ended), width="content")


if __name__ == "__main__":
    show()
