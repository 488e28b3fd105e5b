"""What the steps of a run printed: by node, with a search, the latest lines in sight."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import streamlit as st

from dix.client.runs import ClientRun
from dix.records.log_line import LogLine
from ui.parts.clock import get_zone
from ui.parts.text import clean

SHOWN_LINES = 500
HEIGHT = 460


class Words:
    """What this part says."""

    NODE = "Node"
    ALL = "all nodes"
    SEARCH = "Search"
    SEARCH_HINT = "part of a line"
    NONE = "No lines."
    CUT = "The last {shown} of {count} lines. `dix runs logs {id}` prints them all."


def show_logs(run: ClientRun) -> None:
    """The last lines of the run, or of one of its nodes, that hold the text that is searched for."""
    left, right = st.columns([1, 2])
    nodes = [Words.ALL, *(step.node for step in run.steps)]
    node = left.selectbox(Words.NODE, nodes, key=f"log-node-{run.id}")
    search = right.text_input(Words.SEARCH, key=f"log-search-{run.id}", placeholder=Words.SEARCH_HINT)
    wanted = None if node == Words.ALL else node
    lines, count = keep_last(run.runs.logs(run.id, wanted, search=search or None), SHOWN_LINES)
    if not lines:
        st.info(Words.NONE)
        return
    with st.container(height=HEIGHT, border=False, autoscroll=not run.is_over):
        st.code("\n".join(write_line(line, with_node=wanted is None) for line in lines), language=None, wrap_lines=True)
    if count > len(lines):
        st.caption(Words.CUT.format(shown=len(lines), count=count, id=run.id))


def keep_last(lines: Iterable[LogLine], limit: int) -> tuple[list[LogLine], int]:
    """The last lines, and how many there are in all."""
    kept: deque[LogLine] = deque(maxlen=limit)
    count = 0
    for line in lines:
        kept.append(line)
        count += 1
    return list(kept), count


def write_line(line: LogLine, *, with_node: bool) -> str:
    """A line as it is shown: when, where, what."""
    moment = line.at.astimezone(get_zone()).strftime("%H:%M:%S")
    attempt = f" #{line.attempt}" if line.attempt > 1 else ""
    where = f"{line.node}{attempt}  " if with_node else attempt.strip()
    return f"{moment}  {where}{clean(line.text)}"
