"""Parameter sets as a table: rows of CSV become what the flow's parameters are. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from dix.errors import BadValue
from dix.flow.document import FlowDoc
from dix.flow.scalars import resolve_plain
from dix.names import find_nearest
from dix.sweep.domain_reader import MOST_TRIALS
from dix.sweep.space import check_params


def read_csv(text: str, flow: FlowDoc) -> tuple[dict[str, Any], ...]:
    """The parameter sets of a table with a line of names; an empty cell leaves the parameter to the flow's default.

    A cell is read as the kind that the parameter's default has. Raises BadValue with the line.
    """
    try:
        lines = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True) if row]
    except csv.Error as error:
        raise BadValue("csv", "a table with commas between cells", str(error)) from None
    if len(lines) < 2:
        raise BadValue("csv", "a line of parameter names and at least one line of values", f"{len(lines)} lines")
    names = [name.strip() for name in lines[0]]
    _check_names(names, flow)
    _check_count(len(lines) - 1)
    return tuple(_read_row(names, row, f"csv line {number}", flow) for number, row in enumerate(lines[1:], start=2))


def check_table(table: Sequence[Mapping[str, Any]], flow: FlowDoc) -> None:
    """Raises BadValue for a table without rows, with too many, or with a row that the flow does not take."""
    _check_count(len(table))
    for number, row in enumerate(table, start=1):
        check_params(flow, row, f"table row {number}")


def _check_count(count: int) -> None:
    if count == 0:
        raise BadValue("table", "at least one parameter set", "none")
    if count > MOST_TRIALS:
        raise BadValue("table", f"at most {MOST_TRIALS:,} parameter sets", f"{count:,}", "make several sweeps of it")


def _check_names(names: Sequence[str], flow: FlowDoc) -> None:
    for name in names:
        if name not in flow.params:
            nearest = find_nearest(name, flow.params)
            raise BadValue("csv", "parameters of the flow", name, f"did you mean {nearest}?" if nearest else "")
    if len(set(names)) < len(names):
        raise BadValue("csv", "each parameter once", ", ".join(names))


def _read_row(names: Sequence[str], cells: Sequence[str], where: str, flow: FlowDoc) -> dict[str, Any]:
    if len(cells) != len(names):
        raise BadValue(where, f"{len(names)} cells", f"{len(cells)}")
    given = {name: cell for name, cell in zip(names, cells, strict=True) if cell.strip()}
    row = {
        name: cell if isinstance(flow.params[name], str) else resolve_plain(cell.strip())
        for name, cell in given.items()
    }
    check_params(flow, row, where)
    return row
