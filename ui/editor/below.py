"""What stands below the canvas: logs and curves of the node that is selected, and what its data looks like."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import streamlit as st

from dix.client.wire import join
from dix.errors import DixError
from ui.editor.answers import find_run
from ui.editor.desk import Desk
from ui.parts.curves import show_curves
from ui.parts.log_view import show_logs
from ui.parts.server import get_client, telling
from ui.parts.text import plain
from ui.words.text import Text, Texts

ROWS = 10
Kind = Literal["data", "logs", "curves"]


class Words:
    """What this part says."""

    KINDS = Texts[Kind]({"data": Text("Data", "数据"), "logs": Text("Logs", "日志"), "curves": Text("Curves", "曲线")})
    SHOW = Text("What to show", "显示内容")
    OPEN = Text("The whole run", "查看整个运行")
    NO_ADDRESS = Text("Say where the data lies, and its beginning is shown here.", "填写数据的位置，此处会显示其开头。")
    TEMPLATE = Text(
        "Where the data lies is decided by the run, so there is nothing to look at yet.",
        "数据的位置由运行决定，现在还没有可看的内容。",
    )
    PREVIEW = Text("{format} · {count} files · the first rows", "{format} · {count} 个文件 · 前几行")


def show_below(desk: Desk) -> None:
    """For the one node that is selected; with a run also for none, then of all nodes."""
    with telling():
        run = find_run(get_client(), desk)
        node = desk.selected[0] if len(desk.selected) == 1 else None
        is_data = node is not None and node in desk.uris
        choices: list[Kind] = ["data"] if is_data else []
        if run is not None:
            choices += ["logs", "curves"]
        if not choices:
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            chosen = st.segmented_control(
                Words.SHOW,
                choices,
                default=choices[0],
                required=True,
                format_func=Words.KINDS.__getitem__,
                label_visibility="collapsed",
                key=f"below-{desk.flow}-{len(choices)}-{is_data}",
            )
            if node is not None:
                st.markdown(f"**{plain(node)}**", width="content")
            if run is not None:
                st.page_link("pages/runs.py", label=Words.OPEN, query_params={"run": run.id})
        if chosen == "data" and node is not None:
            _show_data(desk.uris[node])
        elif run is not None and chosen == "logs":
            show_logs(run, node if node in {step.node for step in run.steps} else None)
        elif run is not None:
            show_curves(run, node)


def _show_data(uri: str) -> None:
    if not uri.strip():
        st.info(Words.NO_ADDRESS)
        return
    if "{{" in uri:
        st.info(Words.TEMPLATE)
        return
    try:
        found: dict[str, Any] = get_client().wire.get(join("data", "preview"), uri=uri, rows=ROWS)
    except DixError as error:
        st.warning(plain(error))
        return
    st.caption(plain(Words.PREVIEW.format(format=found["format"], count=found["files"])))
    st.dataframe(pd.DataFrame(found["rows"]), hide_index=True)
