"""A row of facts: a small name above each value."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dix.client.pictures.words import clean


def show_facts(facts: Mapping[str, object]) -> None:
    """Names are ours and may be markdown; values are shown as the text they are."""
    with st.container(horizontal=True, gap="medium"):
        for name, value in facts.items():
            with st.container(width="content", gap=None):
                st.caption(name, width="content")
                st.text(clean(str(value)), width="content")
