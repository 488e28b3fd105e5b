"""The canvas on a page of Streamlit: what is sent to the browser, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

NAME = "dix.canvas"
SCRIPTS, STYLES = "canvas-*.js", "canvas-*.css"


def is_built() -> bool:
    """Whether the build has left the canvas inside the package."""
    folder = files("dix") / "_canvas"
    return folder.is_dir() and any(file.name.endswith(".js") for file in folder.iterdir())


def mount_canvas(flow: str, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Draw the canvas of a flow; what it asks, once, as soon as it does."""
    mounted = _register()(key=f"canvas {flow}", data={"role": "canvas", **data}, on_ask_change=_take_note)
    ask = mounted.ask
    return dict(ask) if ask else None


def mount_answer(flow: str, data: Mapping[str, Any]) -> None:
    """Hand something on to the canvas of a flow; this draws nothing."""
    _register()(key=f"answer {flow}", data={"role": "answer", **data})


@cache
def _register() -> Any:
    # Not before somebody looks: outside of a running Streamlit it cannot be done.
    return st.components.v2.component(NAME, js=SCRIPTS, css=STYLES)


def _take_note() -> None:
    """Streamlit hands on only what somebody listens to."""
