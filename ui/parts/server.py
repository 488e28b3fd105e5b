"""The way to the server: one client for the whole process, and its errors as sentences on the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dix.client.connection import Client, connect
from dix.errors import DixError, NotAuthenticated
from dix.settings import read_settings
from ui.door import Key
from ui.parts.text import plain


def read_key() -> Key:
    """The token that visitors have to show: the one that the dashboard itself acts with.

    Raises NotAuthenticated when this installation has none: a door without a key would stand open.
    """
    settings = read_settings()
    token = settings.token or ""
    if not token and settings.token_file.is_file():
        token = settings.token_file.read_text(encoding="utf-8")
    if not token.strip():
        raise NotAuthenticated(f"the dashboard of {settings.home}")
    return Key(token.strip())


@st.cache_resource(show_spinner=False)
def get_client() -> Client:
    """The client of this dashboard; it may be used by several threads."""
    return connect()


@contextmanager
def telling() -> Iterator[None]:
    """What the server refuses, or that it does not answer, stands on the page as a sentence."""
    try:
        yield
    except DixError as error:
        st.error(plain(error), icon=":material/error:")
