"""What is kept of one flow's editor while a visit lasts; the drawing itself is the browser's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st


@dataclass
class Desk:
    """`run` is the run that is looked at, `selected` the nodes; `answered` is the question of the last `reply`."""

    flow: str
    run: str | None = None
    selected: list[str] = field(default_factory=list)
    uris: dict[str, str] = field(default_factory=dict)
    answered: str = ""
    reply: dict[str, Any] | None = None


def get_desk(flow: str) -> Desk:
    """The visitor's desk for a flow; a new one at the first look."""
    desks: dict[str, Desk] = st.session_state.setdefault("desks", {})
    return desks.setdefault(flow, Desk(flow))
