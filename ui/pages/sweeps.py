"""The Sweeps page: all sweeps; one with its trials side by side when `?sweep=` names it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dix.client.sweep import ClientSweep
from ui.parts.paging import get_cursor, show_paging
from ui.parts.server import get_client
from ui.parts.sweep_view import show_sweep
from ui.parts.tables import make_moment_column, pick_row, to_cell
from ui.words.states import say_word
from ui.words.text import Text

PAGE_SIZE = 25
CURSOR = "sweeps-cursor"


class Words:
    """What this page says."""

    TITLE = Text("Sweeps", "调参")
    NONE = Text(
        "Nothing has been tuned yet. `dix sweeps create NAME --flow FLOW --vary 'learning_rate=[0.1, 0.01]'` "
        "makes a run for each combination, and they are compared here.",
        "还没有调参任务。`dix sweeps create NAME --flow FLOW --vary 'learning_rate=[0.1, 0.01]'` "
        "会为每个组合生成一次运行，并在此比较。",
    )
    NAME = Text("Sweep", "调参任务")
    FLOW = Text("Flow", "流程")
    METHOD = Text("Method", "方法")
    STATE = Text("State", "状态")
    TRIALS = Text("Trials", "试验")
    BEST = Text("Best", "最佳")
    CREATED = Text("Created", "创建于")


def show() -> None:
    """One sweep or all of them, as the address says."""
    name = st.query_params.get("sweep")
    if name:
        show_sweep(name)
        return
    st.title(Words.TITLE)
    page = get_client().sweeps.list(limit=PAGE_SIZE, cursor=get_cursor(CURSOR))
    if not page.items:
        st.info(Words.NONE, icon=":material/tune:")
    else:
        columns = {
            "name": st.column_config.TextColumn(Words.NAME),
            "flow": st.column_config.TextColumn(Words.FLOW),
            "method": st.column_config.TextColumn(Words.METHOD, width="small"),
            "state": st.column_config.TextColumn(Words.STATE, width="small"),
            "trials": st.column_config.TextColumn(Words.TRIALS),
            "best": st.column_config.TextColumn(Words.BEST),
            "created": make_moment_column(Words.CREATED),
        }
        picked = pick_row([_make_row(sweep) for sweep in page.items], columns, key="sweeps_table")
        if picked is not None:
            st.switch_page("pages/sweeps.py", query_params={"sweep": page.items[picked].name})
    show_paging(CURSOR, page.next_cursor)


def _make_row(sweep: ClientSweep) -> dict[str, Any]:
    best = sweep.best
    return {
        "name": sweep.name,
        "flow": sweep.flow,
        "method": sweep.method.value,
        "state": say_word(sweep.state),
        "trials": " · ".join(f"{count} {say_word(state)}" for state, count in sweep.counts.items()),
        "best": "" if best is None else ", ".join(f"{value:.4g}" for value in best.values),
        "created": to_cell(sweep.created),
    }


if __name__ == "__main__":
    show()
