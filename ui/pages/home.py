"""The Home page: what runs, what waits and why, what failed, and the latest models."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from dix.client.pictures.words import shorten
from dix.client.run import ClientRun
from dix.records.model_version import ModelVersion
from dix.records.states import RunState, StepState
from ui.parts.badges import write_badge
from ui.parts.clock import say_span
from ui.parts.server import get_client, telling
from ui.parts.text import plain
from ui.words.text import Text

REFRESH_S = 2.0
SHOWN = 5
# As many as are counted and looked into; more are told as "50+".
LOOKED_AT = 50
REASON_COLUMNS = 160


class Words:
    """What this page says."""

    TITLE = Text("Home", "首页")
    RUNNING = Text("Running", "运行中")
    WAITING = Text("Waiting", "等待中")
    FAILED = Text("Failed", "失败")
    MODELS = Text("Models", "模型")
    WHAT_RUNS = Text("What runs", "正在运行")
    WHAT_WAITS = Text("What waits, and why", "等待及原因")
    WHAT_FAILED = Text("What failed", "失败的运行")
    LATEST = Text("Latest models", "最新模型")
    NOTHING_RUNS = Text("Nothing runs.", "没有正在运行的任务。")
    NOTHING_WAITS = Text("Nothing waits.", "没有等待的任务。")
    NOTHING_FAILED = Text("Nothing has failed.", "没有失败的任务。")
    NO_MODELS = Text("No model has been trained yet.", "还没有训练过模型。")
    NO_REASON = Text("It was accepted and is about to start.", "已接受，即将开始。")
    AGO = Text("{span} ago", "{span}前")
    WELCOME = Text(
        "Nothing has run here yet. In a terminal, `dix demo` trains a model on real handwritten digits, "
        "scores with it and lets it answer online; `dix run FILE` starts a flow of your own.",
        "这里还没有运行过任何任务。在终端中，`dix demo` 会用真实的手写数字训练一个模型、批量打分并上线应答；"
        "`dix run FILE` 启动您自己的流程。",
    )


def show() -> None:
    """The whole page, fresh every few seconds."""
    st.title(Words.TITLE)
    st.fragment(run_every=REFRESH_S)(_show_body)()


def _show_body() -> None:
    with telling():
        client = get_client()
        running = client.runs.list(state=RunState.RUNNING, limit=LOOKED_AT)
        queued = client.runs.list(state=RunState.QUEUED, limit=LOOKED_AT)
        failed = client.runs.list(state=RunState.FAILED, limit=LOOKED_AT)
        models = client.models.list(limit=LOOKED_AT)
        if not (running.items or queued.items or failed.items or models.items):
            st.info(Words.WELCOME, icon=":material/waving_hand:")
        waiting = [*queued.items, *_find_waiting(running.items[:SHOWN])]
        counts = {
            Words.RUNNING: _count(running.items, running.next_cursor),
            Words.WAITING: _count(waiting, queued.next_cursor),
            Words.FAILED: _count(failed.items, failed.next_cursor),
            Words.MODELS: _count(models.items, models.next_cursor),
        }
        for column, (name, count) in zip(st.columns(len(counts)), counts.items(), strict=True):
            column.metric(name, count, border=True)
        left, right = st.columns(2, gap="large")
        with left:
            _show_list(Words.WHAT_RUNS, running.items, _show_running, Words.NOTHING_RUNS)
            _show_list(Words.WHAT_WAITS, waiting, _show_waiting, Words.NOTHING_WAITS)
        with right:
            _show_list(Words.WHAT_FAILED, failed.items, _show_failed, Words.NOTHING_FAILED)
            _show_models(models.items)


def _count(items: list[ClientRun] | tuple[object, ...], next_cursor: str | None) -> str:
    return f"{len(items)}+" if next_cursor else str(len(items))


def _find_waiting(running: tuple[ClientRun, ...]) -> list[ClientRun]:
    """The runs of which something runs and something else waits for more than its turn."""
    whole = [get_client().runs.get(run.id) for run in running]
    return [run for run in whole if any(step.state is StepState.WAITING for step in run.steps)]


def _show_list(
    title: str, runs: list[ClientRun] | tuple[ClientRun, ...], show_run: Callable[[ClientRun], None], nothing: str
) -> None:
    st.subheader(title)
    if not runs:
        st.caption(nothing)
    for run in runs[:SHOWN]:
        with st.container(border=True, gap="xsmall"):
            show_run(run)


def _show_line(run: ClientRun, more: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            "pages/runs.py", label=f"**{plain(run.flow)}**", icon=":material/play_circle:", query_params={"run": run.id}
        )
        st.markdown(write_badge(run.state), width="content")
        st.caption(more, width="content")


def _show_running(run: ClientRun) -> None:
    _show_line(run, say_span(run.started, None))


def _show_waiting(run: ClientRun) -> None:
    _show_line(run, say_span(run.created, None))
    reasons = [f"{step.node}: {step.reason}" for step in run.steps if step.state is StepState.WAITING and step.reason]
    for reason in reasons or [run.reason or Words.NO_REASON]:
        st.caption(plain(shorten(reason, REASON_COLUMNS)))


def _show_failed(run: ClientRun) -> None:
    _show_line(run, _say_ago(run.ended))
    if run.error:
        st.caption(plain(shorten(run.error, REASON_COLUMNS)))


def _show_models(models: tuple[ModelVersion, ...]) -> None:
    st.subheader(Words.LATEST)
    if not models:
        st.caption(Words.NO_MODELS)
    for model in models[:SHOWN]:
        with (
            st.container(border=True),
            st.container(horizontal=True, vertical_alignment="center", gap="small"),
        ):
            st.page_link(
                "pages/models.py",
                label=f"**{plain(model.model)}**",
                icon=":material/deployed_code:",
                query_params={"model": model.model},
            )
            st.caption(f"{plain(model.reference)} · {_say_ago(model.created)}", width="content")


def _say_ago(moment: datetime | None) -> str:
    return "" if moment is None else Words.AGO.format(span=say_span(moment, datetime.now(UTC)))


if __name__ == "__main__":
    show()
