"""The machines and cards, what of them is free, and who has the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dix.client.pictures.words import clean
from dix.records.attempt import Attempt
from dix.records.states import RunState
from ui.parts.amounts import say_bytes
from ui.parts.as_code import Call, show_code
from ui.parts.clock import say_span
from ui.parts.server import get_client
from ui.parts.tables import show_rows
from ui.words.text import Text, Texts

LOOKED_AT = 50


class Words:
    """What this part says."""

    KINDS = Texts[str](
        {
            "cpu": Text("Cores", "CPU 核"),
            "gpu": Text("Cards", "GPU 卡"),
            "memory_gib": Text("Memory (GiB)", "内存 (GiB)"),
        }
    )
    FREE = Text("{free} of {total} free", "空闲 {free} / {total}")
    UNKNOWN = Text("The server does not say what its machines have.", "服务器没有说明机器的资源。")
    MACHINES = Text("Machines", "机器")
    MACHINE = Text("Machine", "机器")
    CARD = Text("Type of card", "卡型号")
    USED = Text("{kind} in use", "{kind} 占用")
    WHO = Text("Who uses what", "谁在使用")
    NOBODY = Text(
        "Nothing runs; all of it is free for the next run.", "没有正在运行的任务；全部资源可供下一次运行使用。"
    )
    USER = Text("User", "用户")
    PROJECT = Text("Project", "项目")
    FLOW = Text("Flow", "流程")
    NODE = Text("Node", "节点")
    CORES = Text("Cores", "CPU 核")
    CARDS = Text("Cards", "GPU 卡")
    MEMORY = Text("Memory", "内存")
    FOR = Text("For", "已用时")


def show_cluster() -> None:
    """What there is, machine by machine, and what holds it."""
    found = get_client().status()
    kinds = [kind for kind in Words.KINDS if isinstance(found.get(kind), dict)]
    if not kinds:
        st.info(Words.UNKNOWN)
    for column, kind in zip(st.columns(len(kinds) or 1), kinds, strict=False):
        with column, st.container(border=True):
            total, free = found[kind]["total"], found[kind]["free"]
            st.metric(Words.KINDS[kind], Words.FREE.format(free=f"{free:g}", total=f"{total:g}"))
            st.progress(find_share(found[kind]))
    hosts = found.get("hosts") or []
    if hosts:
        st.subheader(Words.MACHINES)
        show_rows([make_host_row(host) for host in hosts], _make_host_columns())
    st.subheader(Words.WHO)
    attempts = list_attempts()
    if attempts:
        show_rows([_make_row(attempt) for attempt in attempts], _make_columns())
    else:
        st.caption(Words.NOBODY)
    show_code(Call("status", path=("status",)), key="cluster")


def find_share(amounts: Mapping[str, float]) -> float:
    """How much of something is in use, 0.0-1.0."""
    total = amounts["total"]
    return min(1.0, max(0.0, 1 - amounts["free"] / total)) if total else 0.0


def list_attempts() -> list[Attempt]:
    """What runs now, of the runs that the visitor sees."""
    client = get_client()
    running = client.runs.list(state=RunState.RUNNING, limit=LOOKED_AT).items
    return [attempt for run in running for attempt in client.runs.attempts(run.id) if attempt.ended is None]


def make_host_row(host: Mapping[str, Any]) -> dict[str, Any]:
    """A machine as a row."""
    shares = {kind: find_share(host[kind]) for kind in Words.KINDS}
    told = {f"{kind}_free": f"{host[kind]['free']:g} / {host[kind]['total']:g}" for kind in Words.KINDS}
    return {"name": clean(host["name"]), "card": host["accelerator"] or "", **shares, **told}


def _make_host_columns() -> dict[str, Any]:
    columns: dict[str, Any] = {
        "name": st.column_config.TextColumn(Words.MACHINE),
        "card": st.column_config.TextColumn(Words.CARD, width="small"),
    }
    for kind, name in Words.KINDS.items():
        columns[kind] = st.column_config.ProgressColumn(
            Words.USED.format(kind=name), format="percent", min_value=0.0, max_value=1.0
        )
        columns[f"{kind}_free"] = st.column_config.TextColumn(Words.FREE.format(free=name, total="∑"), width="small")
    return columns


def _make_row(attempt: Attempt) -> dict[str, Any]:
    held = attempt.allocated
    return {
        "machine": attempt.machine or "",
        "user": attempt.user,
        "project": attempt.project,
        "flow": attempt.flow,
        "node": attempt.node,
        "cpu": held.cpu,
        "gpu": f"{held.gpu:g} {held.gpu_type or ''}".strip() if held.gpu else "",
        "memory": say_bytes(held.memory_bytes),
        "took": say_span(attempt.started, None),
    }


def _make_columns() -> dict[str, Any]:
    names = {
        "machine": Words.MACHINE,
        "user": Words.USER,
        "project": Words.PROJECT,
        "flow": Words.FLOW,
        "node": Words.NODE,
        "cpu": Words.CORES,
        "gpu": Words.CARDS,
        "memory": Words.MEMORY,
        "took": Words.FOR,
    }
    return {key: st.column_config.Column(name) for key, name in names.items()}
