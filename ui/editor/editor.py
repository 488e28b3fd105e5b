"""The editor on its page: the canvas, its answers twice a second while something runs, and what stands below."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dix.client.connection import Client
from dix.client.run import ClientRun
from ui.canvas.component import mount_answer, mount_canvas
from ui.editor.answers import Answers, find_run
from ui.editor.below import show_below
from ui.editor.desk import get_desk
from ui.editor.kept import find_kept
from ui.editor.live import describe_run
from ui.editor.stock import list_stock
from ui.parts.server import get_client, telling
from ui.words.canvas import Words

LIVE_S = 0.5
BELOW_S = 1.0
HEIGHT = 640
# The canvas wants the room that Streamlit leaves empty around a page.
ROOM = "<style>.stMainBlockContainer { padding: 3.5rem 1.5rem 2rem }</style>"


def show_editor(flow: str, user: str) -> None:
    """The flow of that name, or a new one, to be drawn by that user."""
    st.html(ROOM)
    client = get_client()
    desk = get_desk(flow)
    if desk.run is None:
        desk.run = _find_live(client, flow)
    still = {"flow": flow, "user": user, "specs": client.algorithms(), "palette": list_stock(client)}
    st.fragment(_show_canvas)(still)


def _show_canvas(still: dict[str, Any]) -> None:
    """Runs again for each question of the canvas."""
    with telling():
        client, desk = get_client(), get_desk(still["flow"])
        is_dark = st.context.theme.type == "dark"
        more = {"kept": find_kept(client, desk.flow), "words": dict(Words.SAID), "height": HEIGHT, "dark": is_dark}
        ask = mount_canvas(desk.flow, {**still, **more})
        if ask is not None:
            Answers(client, desk).answer(ask)
        is_live = _is_live(find_run(client, desk))
        st.fragment(run_every=LIVE_S if is_live else None)(_show_answer)(desk.flow, still["user"], is_live=is_live)
        st.fragment(run_every=BELOW_S if is_live else None)(show_below)(desk)


def _show_answer(flow: str, user: str, *, is_live: bool) -> None:
    """The small part that is sent again and again."""
    with telling():
        client, desk = get_client(), get_desk(flow)
        run = find_run(client, desk)
        live = None if run is None else describe_run(run)
        mount_answer(flow, {"flow": flow, "user": user, "reply": desk.reply, "live": live})
        if is_live and not _is_live(run):
            st.rerun()


def _is_live(run: ClientRun | None) -> bool:
    return run is not None and not run.is_over


def _find_live(client: Client, flow: str) -> str | None:
    """The flow's latest run, if it goes on."""
    latest = client.runs.list(flow, limit=1).items
    return latest[0].id if latest and not latest[0].is_over else None
