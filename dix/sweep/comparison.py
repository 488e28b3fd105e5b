"""Trials side by side: columns, in which of them trials differ, axes, who is on the front of two objectives. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dix.errors import BadValue
from dix.names import find_nearest
from dix.records.sweep import Mode, Objective
from dix.records.trial import MEASURED, TrialState
from dix.records.trial_table import TrialTable

_CELLS = 20
_MEASURED = {str(state) for state in MEASURED}


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of parallel coordinates: from `least` to `greatest`, or the `choices` of what is no number."""

    column: str
    least: float | None = None
    greatest: float | None = None
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Columns of the same length: `trial`, `state`, `duration_s`, `params.x`, `node.metric.min`, `.max`, `.last`,
    `objective.node.metric`.
    """

    columns: Mapping[str, Sequence[Any]]
    differing: tuple[str, ...]
    axes: tuple[Axis, ...]
    best: int | None
    pareto: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Contour:
    """The mean of an objective in each cell of a grid over two parameters; None where no trial was."""

    x: tuple[Any, ...]
    y: tuple[Any, ...]
    values: tuple[tuple[float | None, ...], ...]  # by y, then by x


def compare_trials(table: TrialTable, objectives: Sequence[Objective]) -> Comparison:
    """All that is known of the trials, made ready to be drawn."""
    columns: dict[str, Sequence[Any]] = {
        "trial": table.numbers,
        "state": table.states,
        "duration_s": table.duration_s,
    }
    columns |= {f"params.{name}": values for name, values in table.params.items()}
    for place, objective in enumerate(objectives):
        columns[f"objective.{objective}"] = list_values(table, place)
    for name, number in table.metrics.items():
        columns |= {f"{name}.min": number.least, f"{name}.max": number.greatest, f"{name}.last": number.last}
    differing = tuple(name for name, values in columns.items() if name != "trial" and _differs(values))
    drawn = [name for name in columns if name.startswith(("params.", "objective."))]
    return Comparison(
        columns,
        differing,
        tuple(_make_axis(name, columns[name]) for name in drawn),
        _find_best(table, objectives),
        find_front(table, objectives),
    )


def list_values(table: TrialTable, place: int) -> tuple[float | None, ...]:
    """The number of one objective of every trial."""
    return tuple(
        values[place] if len(values) > place and state in _MEASURED else None
        for values, state in zip(table.values, table.states, strict=True)
    )


def find_front(table: TrialTable, objectives: Sequence[Objective]) -> tuple[int, ...]:
    """The trials that no other one is better than in both of two objectives, by the first one; nothing for others."""
    if len(objectives) != 2:
        return ()
    signs = [-1.0 if objective.mode is Mode.MAX else 1.0 for objective in objectives]
    known = [
        (signs[0] * values[0], signs[1] * values[1], number)
        for number, values, state in zip(table.numbers, table.values, table.states, strict=True)
        if len(values) == 2 and state == TrialState.SUCCEEDED
    ]
    front, lowest = [], math.inf
    for _first, second, number in sorted(known):
        if second < lowest:
            front.append(number)
            lowest = second
    return tuple(front)


def make_contour(table: TrialTable, x: str, y: str, values: Sequence[float | None]) -> Contour:
    """The grid; numbers with many values are put together into twenty cells. BadValue for an unknown parameter."""
    for field, name in (("x", x), ("y", y)):
        if name not in table.params:
            nearest = find_nearest(name, table.params)
            todo = f"did you mean {nearest}?" if nearest else ""
            raise BadValue(field, f"a parameter that the sweep varies ({', '.join(table.params)})", name, todo)
    x_cells, x_places = _divide(table.params[x])
    y_cells, y_places = _divide(table.params[y])
    found: dict[tuple[int, int], list[float]] = {}
    for x_place, y_place, value in zip(x_places, y_places, values, strict=True):
        if x_place is not None and y_place is not None and value is not None:
            found.setdefault((y_place, x_place), []).append(value)
    grid = tuple(
        tuple(_mean(found.get((row, column), ())) for column in range(len(x_cells))) for row in range(len(y_cells))
    )
    return Contour(x_cells, y_cells, grid)


def _find_best(table: TrialTable, objectives: Sequence[Objective]) -> int | None:
    if len(objectives) != 1:
        return None
    known = [
        (values[0], number)
        for number, values, state in zip(table.numbers, table.values, table.states, strict=True)
        if values and state == TrialState.SUCCEEDED
    ]
    if not known:
        return None
    if objectives[0].mode is Mode.MAX:
        return min(known, key=lambda one: (-one[0], one[1]))[1]
    return min(known)[1]


def _differs(values: Sequence[Any]) -> bool:
    return any(value != values[0] for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _make_axis(column: str, values: Sequence[Any]) -> Axis:
    given = [value for value in values if value is not None]
    if given and all(_is_number(value) for value in given):
        return Axis(column, min(given), max(given))
    return Axis(column, choices=tuple({repr(value): value for value in given}.values()))


def _divide(values: Sequence[Any]) -> tuple[tuple[Any, ...], list[int | None]]:
    """The cells of an axis, and in which of them each value is."""
    distinct = {repr(value): value for value in values if value is not None}
    if len(distinct) <= _CELLS or not all(_is_number(value) for value in distinct.values()):
        ordered = sorted(distinct.values(), key=_rank)
        places = {repr(value): place for place, value in enumerate(ordered)}
        return tuple(ordered), [None if value is None else places[repr(value)] for value in values]
    low, high = min(distinct.values()), max(distinct.values())
    is_log = low > 0 and high / low > 100

    def scale(value: float) -> float:
        return math.log(value) if is_log else value

    width = (scale(high) - scale(low)) / _CELLS
    middles = [scale(low) + (place + 0.5) * width for place in range(_CELLS)]
    cells = tuple(math.exp(middle) if is_log else middle for middle in middles)
    inside = [None if value is None else min(_CELLS - 1, int((scale(value) - scale(low)) / width)) for value in values]
    return cells, inside


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _rank(value: Any) -> tuple[int, Any]:
    """Something to sort by: numbers come before what is none."""
    return (0, value) if _is_number(value) else (1, repr(value))
