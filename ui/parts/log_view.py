"""What the steps of a run printed: by node, with a search, the latest lines in sight."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import streamlit as st

from dix.client.pictures.words import clean
from dix.client.run import ClientRun
from dix.client.runs import Runs
from dix.records.log_line import LogLine
from ui.parts.clock import get_zone
from ui.words.text import Text

SHOWN_LINES = 500
HEIGHT = 460


class Words:
    """What this part says."""

    NODE = Text("Node", "节点")
    ALL = Text("all nodes", "全部节点")
    SEARCH = Text("Search", "搜索")
    SEARCH_HINT = Text("part of a line", "行中的一部分")
    NONE = Text("No lines.", "没有日志。")
    CUT = Text(
        "The last {shown} of {count} lines. `dix runs logs {id}` prints them all.",
        "共 {count} 行，显示最后 {shown} 行。`dix runs logs {id}` 打印全部。",
    )


@dataclass
class Tail:
    """The end of a log as far as it has been read, for one question; kept with the visit, read on at every look."""

    question: tuple[str, str | None, str]
    lines: deque[LogLine] = field(default_factory=lambda: deque(maxlen=SHOWN_LINES))
    count: int = 0
    cursor: str | None = None
    is_whole: bool = False

    def read_on(self, runs: Runs) -> None:
        """Take in what has come since the last look."""
        run, node, search = self.question
        while not self.is_whole:
            page = runs.log_page(run, node, search=search or None, cursor=self.cursor)
            self.lines.extend(page.items)
            self.count += len(page.items)
            self.is_whole = page.next_cursor is None
            is_all = not page.items and page.next_cursor == self.cursor
            self.cursor = page.next_cursor
            if is_all:
                return


def show_logs(run: ClientRun, node: str | None = None) -> None:
    """The last lines of a run that hold the text that is searched for: of `node`, else of the one that is chosen."""
    left, right = st.columns([1, 2])
    if node is None:
        chosen = left.selectbox(Words.NODE, [Words.ALL, *(step.node for step in run.steps)], key=f"log-node-{run.id}")
        node = None if chosen == Words.ALL else chosen
    search = right.text_input(Words.SEARCH, key=f"log-search-{run.id}", placeholder=Words.SEARCH_HINT)
    tail = _get_tail((run.id, node, search))
    tail.read_on(run.runs)
    if not tail.lines:
        st.info(Words.NONE)
        return
    with st.container(height=HEIGHT, border=False, autoscroll=not run.is_over):
        st.code("\n".join(write_line(line, with_node=node is None) for line in tail.lines), None, wrap_lines=True)
    if tail.count > len(tail.lines):
        st.caption(Words.CUT.format(shown=len(tail.lines), count=tail.count, id=run.id))


def write_line(line: LogLine, *, with_node: bool) -> str:
    """A line as it is shown: when, where, what."""
    moment = line.at.astimezone(get_zone()).strftime("%H:%M:%S")
    attempt = f" #{line.attempt}" if line.attempt > 1 else ""
    where = f"{line.node}{attempt}  " if with_node else attempt.strip()
    return f"{moment}  {where}{clean(line.text)}"


def _get_tail(question: tuple[str, str | None, str]) -> Tail:
    tail = st.session_state.get("log-tail")
    if not isinstance(tail, Tail) or tail.question != question:
        tail = Tail(question)
        st.session_state["log-tail"] = tail
    return tail
