"""States as badges in markdown."""

from __future__ import annotations

from dix.client.pictures.looks import State, get_look
from ui.words.states import say_state


def write_badge(state: State) -> str:
    """A badge, to be put into markdown."""
    return f":{get_look(state).color}-badge[{say_state(state)}]"
