"""How far predicted numbers are from the true ones."""

from __future__ import annotations

from html import escape

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dix.algorithms.charts import Frame, draw_bars, draw_points

_MOST_DRAWN = 2_000
_BINS = 30


def measure_residuals(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> dict[str, float | int | None]:
    """MAE, RMSE, R2 (None where all of the truth is one number), the mean error, and the errors as shares.

    `mape` leaves out rows whose truth is 0 (`mape_rows` says how many are left; None without any); in `smape`, which
    goes from 0 to 2, a 0 that was predicted as 0 counts as right.
    """
    from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

    error, size = predicted - truth, np.abs(truth) + np.abs(predicted)
    nonzero = truth != 0
    return {
        "mae": float(mean_absolute_error(truth, predicted)),
        "rmse": float(root_mean_squared_error(truth, predicted)),
        "r2": float(r2_score(truth, predicted)) if np.ptp(truth) > 0 else None,
        "mean_error": float(error.mean()),
        "mape": float(np.abs(error[nonzero] / truth[nonzero]).mean()) if nonzero.any() else None,
        "mape_rows": int(nonzero.sum()),
        "smape": float((2 * np.abs(error) / np.where(size > 0, size, 1.0)).mean()),
        "rows": len(truth),
    }


def tabulate_residuals(truth: NDArray[np.float64], predicted: NDArray[np.float64]) -> pa.Table:
    """Each row's truth, prediction and residual (prediction - truth), in the order of the data."""
    return pa.table({"truth": truth, "prediction": predicted, "residual": predicted - truth})


def write_residual_page(
    title: str, truth: NDArray[np.float64], predicted: NDArray[np.float64], numbers: dict[str, float | int | None]
) -> str:
    """The numbers with two pictures as one HTML file that needs nothing else."""
    rows = "".join(
        f"<tr><td>{name}</td><td>{'not known' if value is None else f'{value:,.6g}'}</td></tr>"
        for name, value in numbers.items()
    )
    shown = np.unique(np.linspace(0, len(truth) - 1, _MOST_DRAWN).round().astype(int))
    both = (float(min(truth.min(), predicted.min())), float(max(truth.max(), predicted.max())))
    counts, edges = np.histogram(predicted - truth, bins=_BINS)
    spread = Frame("Residuals", "prediction - truth", "rows", (edges[0], edges[-1]), (0, float(counts.max())))
    points = draw_points(
        Frame("Prediction and truth", "truth", "prediction", both, both), truth[shown], predicted[shown]
    )
    head = (
        f'<meta charset="utf-8"><title>{escape(title)}</title><style>body{{font:15px/1.5 system-ui,sans-serif}}</style>'
    )
    body = f"<h1>{escape(title)}</h1><table>{rows}</table>{points}{draw_bars(spread, edges, counts)}"
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>\n"
