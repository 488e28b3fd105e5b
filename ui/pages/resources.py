"""The Resources page: what there is, who has it, what waits and why, quotas, usage and limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from ui.parts.cluster import show_cluster
from ui.parts.concurrency import show_concurrency
from ui.parts.quotas import show_quotas
from ui.parts.server import telling
from ui.parts.usage_view import show_usage
from ui.parts.waiting import show_waiting
from ui.words.text import Text, Texts

REFRESH_S = 3.0
Section = Literal["machines", "queue", "quotas", "usage", "limits"]


class Words:
    """What this page says."""

    TITLE = Text("Resources", "资源")
    SECTION = Text("What to show", "显示内容")
    SECTIONS = Texts[Section](
        {
            "machines": Text("Machines", "机器"),
            "queue": Text("Queue", "队列"),
            "quotas": Text("Quotas", "配额"),
            "usage": Text("Usage and cost", "用量与费用"),
            "limits": Text("Concurrency", "并发"),
        }
    )


def show() -> None:
    """One section; those in which nobody types are fresh every few seconds."""
    st.title(Words.TITLE)
    wanted = st.query_params.get("section")
    asked: Section = next((one for one in Words.SECTIONS if one == wanted), "machines")
    section: Section = st.segmented_control(
        Words.SECTION,
        list(Words.SECTIONS),
        default=asked,
        required=True,
        format_func=Words.SECTIONS.__getitem__,
        label_visibility="collapsed",
        key="resources-section",
    )
    live: dict[Section, Callable[[], None]] = {
        "machines": show_cluster,
        "queue": show_waiting,
        "quotas": show_quotas,
    }
    still: dict[Section, Callable[[], None]] = {"usage": show_usage, "limits": show_concurrency}
    if section in live:
        st.fragment(run_every=REFRESH_S)(_show_live)(live[section])
    else:
        with telling():
            still[section]()


def _show_live(show_section: Callable[[], None]) -> None:
    with telling():
        show_section()


if __name__ == "__main__":
    show()
