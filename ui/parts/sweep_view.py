"""One sweep: how it stands, its best trial, and all trials side by side, as a table and as pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pandas as pd
import streamlit as st

from dix.client.sweep import ClientSweep
from dix.client.trial_views import SweepComparison
from dix.errors import DixError
from dix.names import ALIAS_RULE
from ui.parts.as_code import Call, show_code
from ui.parts.clock import say_moment
from ui.parts.facts import show_facts
from ui.parts.server import get_client, telling
from ui.parts.sweep_charts import draw_curves, draw_importance, draw_parallel, draw_scatter
from ui.parts.tables import show_rows
from ui.parts.text import plain
from ui.words.states import say_word
from ui.words.text import Text, Texts

REFRESH_S = 3.0
MOST_CURVES = 50
Section = Literal["table", "parallel", "scatter", "importance", "curves"]


class Words:
    """What this part says."""

    BACK = Text("All sweeps", "全部调参任务")
    FLOW = Text("Flow", "流程")
    METHOD = Text("Method", "方法")
    OBJECTIVE = Text("Objective", "目标")
    TRIALS = Text("Trials", "试验")
    AT_ONCE = Text("At once", "同时运行")
    CREATED = Text("Created", "创建于")
    PAUSE = Text("Pause", "暂停")
    RESUME = Text("Resume", "继续")
    STOP = Text("Stop", "停止")
    REALLY = Text("All trials that are not over are cancelled.", "所有未结束的试验都会被取消。")
    YES = Text("Stop this sweep", "停止这次调参")
    BEST = Text("Best: trial {number}, {values}", "最佳：试验 {number}，{values}")
    ALIAS = Text("Let an alias name its model", "用别名指向它的模型")
    NAME_IT = Text("Name it", "指定")
    NAMED = Text("{alias} of {model} is version {version} now.", "{model} 的 {alias} 现在是版本 {version}。")
    SECTION = Text("What to show", "显示内容")
    SECTIONS = Texts[Section](
        {
            "table": Text("Table", "表格"),
            "parallel": Text("Parallel coordinates", "平行坐标"),
            "scatter": Text("Scatter", "散点图"),
            "importance": Text("Importance", "参数重要性"),
            "curves": Text("Curves", "曲线"),
        }
    )
    DIFFERENCES = Text("Only what differs", "仅显示差异")
    ACROSS = Text("Across", "横轴")
    UP = Text("Up", "纵轴")
    NO_OBJECTIVE = Text("This sweep has no objective: its trials are in the table.", "此调参没有目标：试验见表格。")
    NONE_YET = Text("No trial has a number yet.", "还没有试验得出数值。")
    PARETO = Text("On the front of both objectives: trials {numbers}", "帕累托前沿上的试验：{numbers}")


def show_sweep(name: str) -> None:
    """The sweep of this name; a sentence when there is none."""
    st.page_link("pages/sweeps.py", label=Words.BACK, icon=":material/arrow_back:")
    with telling():
        is_live = not get_client().sweeps.get(name).is_over
        st.fragment(run_every=REFRESH_S if is_live else None)(_show_body)(name, is_live=is_live)


def _show_body(name: str, *, is_live: bool) -> None:
    with telling():
        sweep = get_client().sweeps.get(name)
        if is_live and sweep.is_over:
            st.rerun()
        _show_head(sweep)
        comparison = get_client().sweeps.compare(name)
        _show_best(sweep, comparison)
        section: Section = st.segmented_control(
            Words.SECTION,
            list(Words.SECTIONS),
            default="table",
            required=True,
            format_func=lambda word: Words.SECTIONS[word],
            label_visibility="collapsed",
            key=f"sweep-section-{name}",
        )
        _show_section(sweep, comparison, section)


def _show_head(sweep: ClientSweep) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"## {plain(sweep.name)} :gray-badge[{say_word(sweep.state)}]", width="content")
        _show_actions(sweep)
    if sweep.reason:
        st.caption(plain(sweep.reason))
    show_facts(
        {
            Words.FLOW: sweep.flow,
            Words.METHOD: sweep.method.value,
            Words.OBJECTIVE: ", ".join(f"{one} ({one.mode})" for one in sweep.objectives) or "–",
            Words.TRIALS: " · ".join(f"{count} {say_word(state)}" for state, count in sweep.counts.items()),
            Words.AT_ONCE: sweep.concurrency,
            Words.CREATED: say_moment(sweep.created),
        }
    )


def _show_actions(sweep: ClientSweep) -> None:
    sweeps = get_client().sweeps
    goes_on = sweep.state.value == "running"
    word, method = ("pause", sweeps.pause) if goes_on else ("resume", sweeps.resume)
    with st.container(horizontal=True, width="content"):
        if st.button(Words.PAUSE if goes_on else Words.RESUME, key=f"sweep-{word}"):
            _do(method, sweep.name)
        if not sweep.is_over:
            with st.popover(Words.STOP, icon=":material/stop_circle:", key="sweep-stop", on_change="rerun"):
                st.write(Words.REALLY)
                if st.button(Words.YES, type="primary"):
                    _do(sweeps.stop, sweep.name)
        show_code(Call("sweeps.compare", (sweep.name,), path=("sweeps", sweep.name, "compare")), "sweep")


def _do(method: Callable[[str], ClientSweep], name: str) -> None:
    with telling():
        method(name)
        st.rerun()


def _show_best(sweep: ClientSweep, comparison: SweepComparison) -> None:
    if len(sweep.objectives) > 1 and comparison.pareto:
        st.caption(Words.PARETO.format(numbers=", ".join(map(str, comparison.pareto))))
    if sweep.best is None:
        return
    values = ", ".join(f"{value:.4g}" for value in sweep.best.values)
    with st.container(border=True):
        st.markdown(f"**{plain(Words.BEST.format(number=sweep.best.number, values=values))}**")
        st.text(", ".join(f"{name} = {value}" for name, value in sweep.best.params.items()))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            alias = st.text_input(
                Words.ALIAS, "champion", help=ALIAS_RULE, key=f"alias-{sweep.name}", width=260
            ).strip()
            if st.button(Words.NAME_IT, key=f"name-{sweep.name}"):
                _name(sweep.name, alias.strip())


def _name(sweep: str, alias: str) -> None:
    try:
        named = get_client().sweeps.register_best(sweep, alias)
    except DixError as error:
        st.error(plain(error), icon=":material/error:")
        return
    told = Words.NAMED.format(alias=named.alias, model=named.model, version=named.version)
    st.success(plain(told), icon=":material/check:")


def _show_section(sweep: ClientSweep, comparison: SweepComparison, section: Section) -> None:
    if section == "table":
        _show_table(sweep.name, comparison)
        return
    if not sweep.objectives:
        st.info(Words.NO_OBJECTIVE)
        return
    frame = comparison.to_pandas()
    target = f"objective.{sweep.objectives[0]}"
    if target not in frame or frame[target].notna().sum() == 0:
        st.info(Words.NONE_YET)
        return
    if section == "parallel":
        st.altair_chart(draw_parallel(frame, target))
    elif section == "scatter":
        _show_scatter(frame, target)
    elif section == "importance":
        st.altair_chart(draw_importance(get_client().sweeps.importance(sweep.name)))
    else:
        trials = frame.dropna(subset=[target])["trial"].tolist()[:MOST_CURVES]
        st.altair_chart(draw_curves(get_client().sweeps.curves(sweep.name, trials=trials).to_pandas()))


def _show_table(name: str, comparison: SweepComparison) -> None:
    only = st.toggle(Words.DIFFERENCES, value=True, key=f"differences-{name}")
    rows = comparison.to_dicts(differences_only=only)
    show_rows([{key: _to_plain(value) for key, value in row.items()} for row in rows], {})


def _to_plain(value: object) -> object:
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _show_scatter(frame: pd.DataFrame, target: str) -> None:
    names = [name for name in frame.columns if name.startswith(("params.", "objective.")) or name == "duration_s"]
    left, right = st.columns(2)
    across = left.selectbox(Words.ACROSS, names, key="scatter-across")
    up = right.selectbox(Words.UP, names, index=names.index(target), key="scatter-up")
    st.altair_chart(draw_scatter(frame, across, up))
