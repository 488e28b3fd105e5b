"""The Endpoints page: what answers online, how that stands, and how to ask it."""

from __future__ import annotations

import streamlit as st

from dix.errors import DixError
from dix.records.endpoint import Endpoint, EndpointState
from ui.parts.asking import write_curl
from ui.parts.badges import write_badge
from ui.parts.clock import say_moment
from ui.parts.facts import show_facts
from ui.parts.server import get_client, telling
from ui.parts.text import plain
from ui.words.text import Text

REFRESH_S = 3.0


class Words:
    """What this page says."""

    TITLE = Text("Endpoints", "在线服务")
    NONE = Text(
        ("Nothing answers online yet. `dix endpoints deploy NAME models:/MODEL/VERSION` lets a model answer."),
        ("还没有模型在线应答。`dix endpoints deploy NAME models:/MODEL/VERSION` 可以让一个模型开始应答。"),
    )
    REPLICAS = Text("Replicas", "副本")
    ADDRESS = Text("Address", "地址")
    CREATED = Text("Created", "创建于")
    UPDATED = Text("Changed", "修改于")
    MODEL = Text("{model}, version {version}", "{model}，版本 {version}")
    ASK = Text("Ask it", "调用示例")
    WHERE_IT_IS = Text(
        ('The token is in the file `token` in the folder `DIX_HOME`; `eval "$(dix env)"` sets `DIX_TOKEN` to it.'),
        '令牌在 `DIX_HOME` 目录下的文件 `token` 中；`eval "$(dix env)"` 会把它设为 `DIX_TOKEN`。',
    )


def show() -> None:
    """All endpoints, fresh every few seconds."""
    st.title(Words.TITLE)
    st.fragment(run_every=REFRESH_S)(_show_list)()


def _show_list() -> None:
    with telling():
        endpoints = get_client().endpoints.list()
        if not endpoints:
            st.info(Words.NONE)
        for endpoint in endpoints:
            with st.container(border=True):
                _show_endpoint(endpoint)


def _show_endpoint(endpoint: Endpoint) -> None:
    st.markdown(f"#### {plain(endpoint.name)} {write_badge(endpoint.state)}")
    if endpoint.error:
        st.error(plain(endpoint.error), icon=":material/error:")
    address = f"{get_client().address}/v2/models/{endpoint.name}"
    show_facts(
        {
            Words.ADDRESS: address,
            Words.REPLICAS: endpoint.replicas,
            Words.CREATED: say_moment(endpoint.created),
            Words.UPDATED: say_moment(endpoint.updated),
        }
    )
    st.page_link(
        "pages/models.py",
        label=Words.MODEL.format(model=plain(endpoint.model), version=endpoint.version),
        icon=":material/deployed_code:",
        query_params={"model": endpoint.model, "version": str(endpoint.version)},
    )
    if endpoint.state is EndpointState.READY:
        with st.expander(Words.ASK, icon=":material/terminal:"):
            st.code(write_curl(address, _find_manifest(endpoint)), language="shell", wrap_lines=True)
            st.caption(Words.WHERE_IT_IS)


def _find_manifest(endpoint: Endpoint) -> dict[str, object]:
    """What the endpoint's model takes; empty where nobody can say."""
    try:
        return _read_manifest(endpoint.model, endpoint.version)
    except DixError:
        return {}


@st.cache_data(show_spinner=False, max_entries=100, scope="session")
def _read_manifest(model: str, version: int) -> dict[str, object]:
    return get_client().models.get(model, version).manifest


if __name__ == "__main__":
    show()
