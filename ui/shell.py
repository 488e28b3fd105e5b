"""What every visit begins with: the list of pages, and the wall around the one that is shown."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.parts.server import telling
from ui.words.language import ask_language, keep_language
from ui.words.text import Text

LOGO = Path(__file__).with_name("logo.svg")
SIDEBAR_WIDTH = 220


class Words:
    """What this file says."""

    TITLE = Text("DI-X", "DI-X")
    HOME = Text("Home", "首页")
    FLOWS = Text("Flows", "流程")
    RUNS = Text("Runs", "运行")
    SWEEPS = Text("Sweeps", "调参")
    SCHEDULES = Text("Schedules", "调度")
    MODELS = Text("Models", "模型")
    ENDPOINTS = Text("Endpoints", "在线服务")
    DATA = Text("Data", "数据")
    RESOURCES = Text("Resources", "资源")
    LANGUAGE = Text("Language", "语言")
    LEAVE = Text("Sign out", "退出登录")


def show() -> None:
    """Draw the frame, then the page."""
    st.set_page_config(page_title=Words.TITLE, page_icon=str(LOGO), layout="wide", initial_sidebar_state=SIDEBAR_WIDTH)
    st.logo(str(LOGO), size="large")
    page = st.navigation(
        [
            st.Page("pages/home.py", title=Words.HOME, icon=":material/home:", default=True),
            st.Page("pages/flows.py", title=Words.FLOWS, icon=":material/account_tree:"),
            st.Page("pages/runs.py", title=Words.RUNS, icon=":material/play_circle:"),
            st.Page("pages/sweeps.py", title=Words.SWEEPS, icon=":material/tune:"),
            st.Page("pages/schedules.py", title=Words.SCHEDULES, icon=":material/schedule:"),
            st.Page("pages/models.py", title=Words.MODELS, icon=":material/deployed_code:"),
            st.Page("pages/endpoints.py", title=Words.ENDPOINTS, icon=":material/bolt:"),
            st.Page("pages/data.py", title=Words.DATA, icon=":material/database:"),
            st.Page("pages/resources.py", title=Words.RESOURCES, icon=":material/memory:"),
        ]
    )
    with st.sidebar:
        ask_language(Words.LANGUAGE)
    keep_language()
    st.sidebar.link_button(Words.LEAVE, "/logout", icon=":material/logout:", type="tertiary")
    with telling():
        page.run()


if __name__ == "__main__":
    show()
