"""The steps of a run: the graph in its states, the table, and why a step failed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dix.client.pictures.graphs import MAX_NODES
from dix.client.pictures.words import clean
from dix.client.run import ClientRun
from dix.errors import WrongUse
from dix.flow.document import FlowDoc
from dix.flow.text import read_flow
from dix.records.states import StepState
from dix.records.step import Step
from ui.parts.clock import say_span
from ui.parts.graph import draw_flow
from ui.parts.server import get_client
from ui.parts.tables import make_state_column, show_rows
from ui.parts.text import plain
from ui.words.text import Text

SHOWN_METRICS = 4


class Words:
    """What this part says."""

    NODE = Text("Node", "节点")
    STATE = Text("State", "状态")
    ATTEMPT = Text("Attempt", "尝试")
    PROGRESS = Text("Progress", "进度")
    TOOK = Text("Took", "用时")
    WHY = Text("Why", "原因")
    METRICS = Text("Last numbers", "最新数值")
    TRACE = Text("Where {node} failed", "{node} 出错的位置")
    OUTPUTS = Text("Where the outputs lie", "输出位置")
    NO_STEPS = Text("This run has no steps.", "这次运行没有步骤。")


def show_steps(run: ClientRun) -> None:
    """Graph, table, errors, outputs."""
    if not run.steps:
        st.info(Words.NO_STEPS)
        return
    doc = _find_document(run.flow, run.flow_version)
    if doc is not None and len(doc.nodes) <= MAX_NODES:
        draw_flow(doc, {step.node: step.state for step in run.steps})
    show_rows([_make_row(step) for step in run.steps], _make_columns())
    for step in run.steps:
        if step.state is StepState.FAILED:
            _show_trace(step)
    _show_outputs(run)


@st.cache_data(show_spinner=False, max_entries=100, scope="session")
def _find_document(flow: str, version: int) -> FlowDoc | None:
    """The document that ran, which never changes; None where this version can not read it any more."""
    try:
        return read_flow(get_client().flows.get(flow, version).text)
    except WrongUse:
        return None


def _make_row(step: Step) -> dict[str, Any]:
    return {
        "node": step.node,
        "state": [step.state.value],
        "attempt": str(step.attempt or ""),
        "progress": step.progress,
        "took": say_span(step.started, step.ended),
        "metrics": _say_metrics(step.metrics),
        "why": clean(step.error or step.reason or ""),
    }


def _say_metrics(metrics: dict[str, Any]) -> str:
    shown = [f"{name} {_say_number(value)}" for name, value in list(metrics.items())[:SHOWN_METRICS]]
    return ", ".join(shown) + (" …" if len(metrics) > SHOWN_METRICS else "")


def _say_number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else clean(str(value))


def _make_columns() -> dict[str, Any]:
    return {
        "node": st.column_config.TextColumn(Words.NODE),
        "state": make_state_column(Words.STATE),
        "attempt": st.column_config.TextColumn(Words.ATTEMPT, width="small"),
        "progress": st.column_config.ProgressColumn(Words.PROGRESS, format="percent", width="small"),
        "took": st.column_config.TextColumn(Words.TOOK, width="small"),
        "metrics": st.column_config.TextColumn(Words.METRICS),
        "why": st.column_config.TextColumn(Words.WHY, width="large"),
    }


def _show_trace(step: Step) -> None:
    if step.trace:
        with st.expander(Words.TRACE.format(node=plain(step.node)), icon=":material/bug_report:"):
            st.code(clean(step.trace), language="python", wrap_lines=True)


def _show_outputs(run: ClientRun) -> None:
    rows = [{"output": f"{step.node}.{port}", "uri": uri} for step in run.steps for port, uri in step.outputs.items()]
    if rows:
        with st.expander(Words.OUTPUTS):
            st.table(rows)
