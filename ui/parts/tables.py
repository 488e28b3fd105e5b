"""Tables: lists of records in which a click on a row opens it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import pandas as pd
import streamlit as st

from dix.client.pictures.looks import LOOKS

ROW_HEIGHT = 38

# What `st.column_config` makes, by the name of the column; Streamlit does not publish its type.
Columns: TypeAlias = Mapping[str, Any]


def pick_row(rows: Sequence[Mapping[str, Any]], columns: Columns, key: str) -> int | None:
    """Show rows; the number of the one that was clicked, None before a click."""
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config=dict(columns),
        row_height=ROW_HEIGHT,
        height="content",
        selection_mode="single-cell",
        on_select="rerun",
        key=key,
    )
    cells = event.selection.cells
    return int(cells[0][0]) if cells else None


def show_rows(rows: Sequence[Mapping[str, Any]], columns: Columns) -> None:
    """Show rows that do not open."""
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config=dict(columns), row_height=ROW_HEIGHT, height="content"
    )


def make_state_column(label: str) -> Any:
    """A column of states, coloured; its cells are lists of one state's word."""
    return st.column_config.MultiselectColumn(
        label, options=list(LOOKS), color=[look.color for look in LOOKS.values()], width=115
    )


def make_moment_column(label: str) -> Any:
    """A column of moments, in the zone of the person who looks."""
    zone = st.context.timezone
    return st.column_config.DatetimeColumn(label, format="YYYY-MM-DD HH:mm:ss", timezone=zone, width="medium")


def to_cell(moment: datetime | None) -> pd.Timestamp | None:
    """A moment as a table takes it."""
    return None if moment is None else pd.Timestamp(moment)
