"""The Models page: all models; one model with its versions when `?model=` names it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dix.records.model_version import ModelVersion
from ui.parts.card import show_card
from ui.parts.clock import say_moment
from ui.parts.paging import get_cursor, show_paging
from ui.parts.server import get_client
from ui.parts.tables import make_moment_column, pick_row, to_cell
from ui.parts.text import plain
from ui.words.text import Text

PAGE_SIZE = 25
CURSOR = "models-cursor"


class Words:
    """What this page says."""

    TITLE = Text("Models", "模型")
    NONE = Text(
        ("No model has been trained yet. A node with a flask registers one when its training succeeds."),
        "还没有训练过模型。带烧瓶的节点训练成功后会登记一个模型。",
    )
    BACK = Text("All models", "全部模型")
    MODEL = Text("Model", "模型")
    VERSION = Text("Latest version", "最新版本")
    CREATED = Text("Trained", "训练于")
    ALGORITHM = Text("Algorithm", "算法")
    FRAMEWORK = Text("Framework", "框架")
    PROJECT = Text("Project", "项目")
    CHOICE = Text("version {version} · {created}", "版本 {version} · {created}")
    CHOOSE = Text("Version", "版本")


def show() -> None:
    """One model or all of them, as the address says."""
    name = st.query_params.get("model")
    if name:
        _show_model(name)
        return
    st.title(Words.TITLE)
    page = get_client().models.list(limit=PAGE_SIZE, cursor=get_cursor(CURSOR))
    if not page.items:
        st.info(Words.NONE)
    else:
        picked = pick_row([_make_row(model) for model in page.items], _make_columns(), key="models_table")
        if picked is not None:
            st.switch_page("pages/models.py", query_params={"model": page.items[picked].model})
    show_paging(CURSOR, page.next_cursor)


def _make_row(model: ModelVersion) -> dict[str, Any]:
    return {
        "model": model.model,
        "version": model.version,
        "algorithm": str(model.manifest.get("algorithm", "")),
        "framework": str(model.manifest.get("framework", "")),
        "created": to_cell(model.created),
        "project": model.project,
    }


def _make_columns() -> dict[str, Any]:
    return {
        "model": st.column_config.TextColumn(Words.MODEL),
        "version": st.column_config.NumberColumn(Words.VERSION, width="small"),
        "algorithm": st.column_config.TextColumn(Words.ALGORITHM),
        "framework": st.column_config.TextColumn(Words.FRAMEWORK),
        "created": make_moment_column(Words.CREATED),
        "project": st.column_config.TextColumn(Words.PROJECT, width="small"),
    }


def _show_model(name: str) -> None:
    st.page_link("pages/models.py", label=Words.BACK, icon=":material/arrow_back:")
    versions = get_client().models.versions(name)
    wanted = st.query_params.get("version", "")
    start = next((place for place, version in enumerate(versions) if str(version.version) == wanted), 0)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"## {plain(name)}", width="content")
        chosen = st.selectbox(
            Words.CHOOSE, versions, index=start, format_func=_say_version, label_visibility="collapsed", width=340
        )
    show_card(chosen)


def _say_version(version: ModelVersion) -> str:
    return Words.CHOICE.format(version=version.version, created=say_moment(version.created))


if __name__ == "__main__":
    show()
