"""How many runs may go at once: of each driver of a flow, and of pools of flows; changed by who may."""

from __future__ import annotations

import streamlit as st

from dix.client.pools import Pool
from dix.records.member import Role
from dix.records.states import Driver
from ui.parts.as_code import Call, show_code
from ui.parts.rights import Visitor, get_visitor
from ui.parts.server import get_client, telling
from ui.parts.text import plain
from ui.words.states import say_state
from ui.words.text import Text

MOST_FLOWS = 500


class Words:
    """What this part says."""

    FLOWS = Text("A flow's runs at once, by driver", "流程的并发运行数（按驱动方式）")
    FLOW = Text("Flow", "流程")
    NO_FLOWS = Text("There is no flow yet.", "还没有流程。")
    ANY = Text("any number", "不限")
    SAVE = Text("Save", "保存")
    SAVED = Text("Saved; it holds at once.", "已保存，立即生效。")
    POOLS = Text("Pools: flows that are counted together", "池：合并计数的流程")
    NO_POOLS = Text(
        "There is no pool. A pool lets at most so many runs of all its flows go at once, whatever started them.",
        "还没有池。池限制其中所有流程同时运行的总数，无论由什么启动。",
    )
    POOL = Text("**{name}**: at most {most} at once", "**{name}**：最多同时 {most} 个")
    NEW = Text("Make or change a pool", "新建或修改池")
    NAME = Text("Name", "名称")
    MOST = Text("Runs at once", "同时运行数")
    DELETE = Text("Delete", "删除")
    REALLY = Text("Its flows are counted together no more.", "其中的流程将不再合并计数。")


def show_concurrency() -> None:
    """Both, with what the visitor may change."""
    visitor = get_visitor()
    left, right = st.columns(2, gap="large")
    with left, telling():
        st.subheader(Words.FLOWS)
        _show_flow(visitor)
    with right, telling():
        st.subheader(Words.POOLS)
        _show_pools(visitor)


def _show_flow(visitor: Visitor) -> None:
    flows = {flow.flow: flow.project for flow in get_client().flows.list(limit=MOST_FLOWS).items}
    if not flows:
        st.info(Words.NO_FLOWS)
        return
    name = st.selectbox(Words.FLOW, sorted(flows), key="concurrency-flow")
    known = get_client().flows.concurrency(name)
    may = visitor.has_role(Role.USER, flows[name])
    with st.form(f"concurrency-{name}"):
        most = {
            driver.value: st.number_input(
                say_state(driver),
                min_value=1,
                step=1,
                value=known.get(driver.value),
                placeholder=Words.ANY,
                disabled=not may,
                key=f"most-{name}-{driver.value}",
            )
            for driver in Driver
        }
        if may and st.form_submit_button(Words.SAVE, type="primary"):
            with telling():
                get_client().flows.set_concurrency(name, **most)
                st.success(Words.SAVED)
    call = Call("flows.set_concurrency", (name,), most, verb="PATCH", path=("flows", name, "concurrency"), body=most)
    show_code(call, key="concurrency")


def _show_pools(visitor: Visitor) -> None:
    pools = get_client().pools.list()
    if not pools:
        st.info(Words.NO_POOLS)
    for pool in pools:
        _show_pool(pool, may=visitor.rules)
    if visitor.rules:
        _ask_pool()


def _show_pool(pool: Pool, *, may: bool) -> None:
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        said = Words.POOL.format(name=plain(pool.name), most=pool.most)
        st.markdown(f"{said}  \n{plain(', '.join(pool.flows))}", width="content")
        if may:
            with st.popover(Words.DELETE, type="tertiary", key=f"pool-{pool.name}", on_change="rerun"):
                st.write(Words.REALLY)
                if st.button(Words.DELETE, type="primary", key=f"delete-pool-{pool.name}"):
                    with telling():
                        get_client().pools.delete(pool.name)
                        st.rerun()


def _ask_pool() -> None:
    flows = sorted(flow.flow for flow in get_client().flows.list(limit=MOST_FLOWS).items)
    with st.form("pool"):
        st.markdown(f"**{Words.NEW}**")
        name = st.text_input(Words.NAME)
        most = st.number_input(Words.MOST, min_value=1, step=1, value=1)
        chosen = st.multiselect(Words.FLOW, flows)
        if st.form_submit_button(Words.SAVE, type="primary"):
            with telling():
                get_client().pools.put(name.strip(), most, chosen)
                st.rerun()
