"""How much each parameter matters for an objective, by a forest of scikit-learn's that learns it from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_TREES = 64
_ROWS = 1_000  # that each tree sees
_LEAST = 4  # trials of which something can be learned


def find_importance(params: Mapping[str, Sequence[Any]], values: Sequence[float | None]) -> dict[str, float]:
    """A share of 1 for each parameter, the greatest first; nothing where too little is known, or nothing differs.

    It is the mean decrease of the variance at the splits that a parameter makes. What is no number counts as its place
    among its values, and a parameter that a trial does not have as one below all.
    """
    from sklearn.ensemble import RandomForestRegressor

    known = [place for place, value in enumerate(values) if value is not None and np.isfinite(value)]
    varied = [name for name, column in params.items() if len({repr(column[place]) for place in known}) > 1]
    told = np.array([values[place] for place in known], dtype=float)
    if len(known) < _LEAST or not varied or np.ptp(told) == 0:
        return {}
    rows = np.column_stack([_to_numbers([params[name][place] for place in known]) for name in varied])
    most = min(_ROWS, len(known))
    forest = RandomForestRegressor(_TREES, max_samples=most if most < len(known) else None, random_state=0)
    forest.fit(rows, told)
    found = zip(varied, map(float, forest.feature_importances_), strict=True)
    return dict(sorted(found, key=lambda one: -one[1]))


def _to_numbers(column: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    is_number = all(value is None or type(value) in {int, float} for value in column)
    if is_number:
        given = [value for value in column if value is not None]
        below = min(given) - 1 if given else 0
        return np.array([below if value is None else value for value in column], dtype=float)
    places = {text: place for place, text in enumerate(sorted({repr(value) for value in column if value is not None}))}
    return np.array([-1 if value is None else places[repr(value)] for value in column], dtype=float)
