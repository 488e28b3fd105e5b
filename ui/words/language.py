"""The language of the person who looks: what they have chosen, else what their browser asks for."""

from __future__ import annotations

from enum import StrEnum

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

COOKIE = "dix_language"
_CHOSEN = "language"
_YEAR_S = 31_536_000


class Language(StrEnum):
    """Each is called what it calls itself."""

    ENGLISH = "English"
    CHINESE = "简体中文"


# How browsers and cookies name them.
CODES = {"en": Language.ENGLISH, "zh": Language.CHINESE}


def find_language() -> Language:
    """English outside of a visit."""
    if get_script_run_ctx() is None:
        return Language.ENGLISH
    chosen = st.session_state.get(_CHOSEN)
    if isinstance(chosen, Language):
        return chosen
    return read_language(st.context.cookies.get(COOKIE) or st.context.locale or "")


def read_language(code: str) -> Language:
    """The language of a code such as `zh-CN`; English for one that is not spoken here."""
    return CODES.get(code.lower().partition("-")[0], Language.ENGLISH)


def ask_language(label: str) -> None:
    """Let the visitor choose: at once, and for their next visits."""
    before = find_language()
    chosen = st.segmented_control(label, list(Language), default=before, required=True, label_visibility="collapsed")
    if chosen is None or chosen == before:
        return
    st.session_state[_CHOSEN] = chosen
    st.rerun()


def keep_language() -> None:
    """Let the browser remember what was chosen in this visit."""
    chosen = st.session_state.get(_CHOSEN)
    if chosen is None:
        return
    code = next(code for code, language in CODES.items() if language is chosen)
    script = f"document.cookie = '{COOKIE}={code}; path=/; max-age={_YEAR_S}; samesite=lax'"
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
