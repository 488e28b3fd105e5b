"""The way to the server: a client for each visitor's session, and its errors as sentences on the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dix.client.connection import Client, connect, find_address
from dix.errors import DixError, NotAuthenticated
from dix.settings import read_settings
from ui.parts.text import plain
from ui.sessions import name_cookie
from ui.words.text import Text

# Clients of visitors are kept for a while: each has its connections.
_KEPT = 200
_KEPT_S = 3600


class Words:
    """What this file says."""

    SIGNED_OUT = Text("You are signed out. [Sign in](/login)", "您已退出登录。[登录](/login)")


def read_address() -> str:
    """Where the API is."""
    return find_address(read_settings())


def get_client() -> Client:
    """The client of the visitor whose page this is; it may be used by several threads.

    Raises NotAuthenticated without a session: the dashboard has no right of its own.
    """
    address = read_address()
    token = st.context.cookies.get(name_cookie(address))
    if not token:
        raise NotAuthenticated(address)
    return _connect(address, token)


def get_user() -> str:
    """The name of the visitor whose page this is."""
    if "user" not in st.session_state:
        st.session_state["user"] = str(get_client().whoami()["user"])
    return str(st.session_state["user"])


@st.cache_resource(show_spinner=False, max_entries=_KEPT, ttl=_KEPT_S)
def _connect(address: str, token: str) -> Client:
    return connect(address, token)


@contextmanager
def telling() -> Iterator[None]:
    """What the server refuses, or that it does not answer, stands on the page as a sentence."""
    try:
        yield
    except NotAuthenticated:
        st.warning(Words.SIGNED_OUT, icon=":material/lock:")
    except DixError as error:
        st.error(plain(error), icon=":material/error:")
