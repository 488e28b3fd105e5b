"""The queue: runs that wait or are held, steps that wait, and why."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dix.client.pictures.words import clean
from dix.client.run import ClientRun
from dix.records.states import RunState, StepState
from ui.parts.as_code import Call, show_code
from ui.parts.clock import say_span
from ui.parts.server import get_client
from ui.parts.tables import pick_row
from ui.words.text import Text

LOOKED_AT = 50


class Words:
    """What this part says."""

    NOTHING = Text("Nothing waits: what is started now goes at once.", "没有排队：现在启动的任务会立即运行。")
    FLOW = Text("Flow", "流程")
    NODE = Text("Node", "节点")
    PROJECT = Text("Project", "项目")
    USER = Text("User", "用户")
    PRIORITY = Text("Priority", "优先级")
    SINCE = Text("Waits for", "已等待")
    WHY = Text("Why", "原因")
    HELD = Text("It waits for its driver's turn.", "等待其驱动方式的并发名额。")
    ACCEPTED = Text("It was accepted and is about to start.", "已接受，即将开始。")


def show_waiting() -> None:
    """All that waits; a click leads to the run."""
    client = get_client()
    queued = client.runs.list(state=RunState.QUEUED, limit=LOOKED_AT).items
    running = client.runs.list(state=RunState.RUNNING, limit=LOOKED_AT).items
    rows = [make_row(run) for run in queued]
    for run in running:
        rows += list_steps(client.runs.get(run.id))
    if rows:
        picked = pick_row([{key: row[key] for key in row if key != "run"} for row in rows], _make_columns(), "waiting")
        if picked is not None and picked < len(rows):
            st.switch_page("pages/runs.py", query_params={"run": rows[picked]["run"]})
    else:
        st.info(Words.NOTHING, icon=":material/check_circle:")
    query = {"state": "queued"}
    show_code(Call("runs.list", options=query, path=("runs",), query=query), key="waiting")


def make_row(run: ClientRun) -> dict[str, Any]:
    """A run that has not begun."""
    return _make(run, "", say_span(run.created, None), run.reason or (Words.HELD if run.held else Words.ACCEPTED))


def list_steps(run: ClientRun) -> list[dict[str, Any]]:
    """Those of its steps that could go, but for a reason."""
    waiting = [step for step in run.steps if step.state is StepState.WAITING]
    return [_make(run, step.node, say_span(run.started, None), step.reason or "") for step in waiting]


def _make(run: ClientRun, node: str, since: str, why: str) -> dict[str, Any]:
    return {
        "run": run.id,
        "flow": run.flow,
        "node": node,
        "project": run.project,
        "user": run.user,
        "priority": run.priority,
        "since": since,
        "why": clean(why),
    }


def _make_columns() -> dict[str, Any]:
    return {
        "flow": st.column_config.TextColumn(Words.FLOW),
        "node": st.column_config.TextColumn(Words.NODE, width="small"),
        "project": st.column_config.TextColumn(Words.PROJECT, width="small"),
        "user": st.column_config.TextColumn(Words.USER, width="small"),
        "priority": st.column_config.NumberColumn(Words.PRIORITY, width="small"),
        "since": st.column_config.TextColumn(Words.SINCE, width="small"),
        "why": st.column_config.TextColumn(Words.WHY, width="large"),
    }
