"""States as badges in markdown."""

from __future__ import annotations

from dix.client.pictures.looks import State, get_look


def write_badge(state: State) -> str:
    """A badge, to be put into markdown."""
    return f":{get_look(state).color}-badge[{state.value}]"
