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

REFRESH_S = 3.0


class Words:
    """What this page says."""

    TITLE = "Endpoints"
    NONE = "Nothing answers online yet. `dix endpoints deploy NAME models:/MODEL/VERSION` lets a model answer."
    REPLICAS, ADDRESS, CREATED, UPDATED = "Replicas", "Address", "Created", "Changed"
    MODEL = "{model}, version {version}"
    ASK = "Ask it"
    WHERE_IT_IS = (
        'The token is in the file `token` in the folder `DIX_HOME`; `eval "$(dix env)"` sets `DIX_TOKEN` to it.'
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


@st.cache_data(show_spinner=False, max_entries=100)
def _read_manifest(model: str, version: int) -> dict[str, object]:
    return get_client().models.get(model, version).manifest


if __name__ == "__main__":
    show()
