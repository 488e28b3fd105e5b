"""Goes through a long list page by page; where one is, is kept with the visit."""

from __future__ import annotations

import streamlit as st

from ui.words.text import Text


class Words:
    """What this part says."""

    MORE = Text("More", "更多")
    FIRST = Text("Back to the first", "回到第一页")


def get_cursor(key: str) -> str | None:
    """Where the page that is looked at begins; None for the first."""
    cursor: str | None = st.session_state.get(key)
    return cursor


def forget_cursor(key: str) -> None:
    """Go back to the first page."""
    st.session_state.pop(key, None)


def show_paging(key: str, next_cursor: str | None) -> None:
    """Buttons to the next page and back to the first, where there are such."""
    with st.container(horizontal=True):
        if get_cursor(key) is not None and st.button(Words.FIRST, icon=":material/first_page:"):
            forget_cursor(key)
            st.rerun()
        if next_cursor is not None and st.button(Words.MORE, icon=":material/chevron_right:"):
            st.session_state[key] = next_cursor
            st.rerun()
