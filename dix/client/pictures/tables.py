"""Facts as HTML for a notebook: every text of users is escaped, and control codes are taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from dix.client.pictures.looks import LOOKS
from dix.client.pictures.words import clean, shorten

_CELL = "text-align:left;padding:2px 12px 2px 0;vertical-align:top"
_BOLD_ROW = '<tr style="font-weight:600">'
MOST_ROWS = 60
_WIDEST = 120


def write_table(headings: Sequence[str], rows: Sequence[Sequence[Any]], marked: Iterable[int] = ()) -> str:
    """A table, its first rows if there are many; those with an index in `marked` are bold."""
    bold = set(marked)
    head = "".join(f'<th style="{_CELL}">{write_text(heading)}</th>' for heading in headings)
    lines = [
        (_BOLD_ROW if index in bold else "<tr>")
        + "".join(f'<td style="{_CELL}">{write_value(cell)}</td>' for cell in row)
        + "</tr>"
        for index, row in enumerate(rows[:MOST_ROWS])
    ]
    more = f"<div>and {len(rows) - MOST_ROWS} more</div>" if len(rows) > MOST_ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{more}"


def write_facts(facts: Mapping[str, Any]) -> str:
    """A line for each fact that has something to say."""
    lines = [
        f'<tr><th style="{_CELL}">{write_text(name)}</th><td style="{_CELL}">{write_value(value)}</td></tr>'
        for name, value in facts.items()
        if value not in (None, "", (), {}, [])
    ]
    return f"<table><tbody>{''.join(lines)}</tbody></table>"


def write_state(state: str) -> str:
    """A state in its colour."""
    look = LOOKS.get(state)
    style = f"background:{look.fill};color:{look.line};" if look else ""
    return f'<span style="{style}border-radius:6px;padding:1px 8px;font-weight:600">{write_text(state)}</span>'


def write_value(value: Any) -> str:
    """A value as HTML on one line."""
    if isinstance(value, Html):
        return value.text
    if isinstance(value, Mapping):
        return ", ".join(f"{write_text(name)}={write_value(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(write_value(item) for item in value)
    return write_text(_tell(value))


def _tell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return value.strftime("%Y-%m-%d %H:%M:%SZ") if isinstance(value, datetime) else str(value)


def write_text(value: object) -> str:
    """A text, escaped; a long one is cut."""
    return escape(shorten(clean(str(value)), _WIDEST))


class Html:
    """HTML that was made here, to stand in a cell as it is."""

    def __init__(self, text: str) -> None:
        self.text = text


def bar(progress: float | None) -> Html:
    """How far something has come."""
    if progress is None:
        return Html("")
    part = max(0.0, min(1.0, progress))
    return Html(f'<progress value="{part:.4f}" max="1" style="width:8em"></progress> {part:.0%}')
