"""What a model node does with a model that forecasts: the next steps of each series of a table."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dix.algorithms.forecast_lesson import make_series_options, shape_question
from dix.data.bulk import BulkReport
from dix.data.clock import write_times
from dix.data.part_writing import write_part
from dix.data.series import Series, read_series
from dix.errors import BadData
from dix.frameworks.base import Predictor
from dix.frameworks.intakes.series import SeriesIntake
from dix.store.store import Store


def forecast_ahead(
    store: Store, source: str, target: str, predictor: Predictor, intake: SeriesIntake, *, batch_rows: int
) -> BulkReport:
    """Write a row for each series of `source` and each step after its last value: series, time, step and `prediction`.

    Where several values are forecast, each has its column, `prediction_NAME`. Rows of `source` without values lie
    ahead, and bring what is known there. Raises BadData for a series shorter than the history, or of which not enough
    is known.
    """
    began = time.monotonic()
    params = predictor.card.params
    series = read_series(store, source, make_series_options(params), ahead=True)
    for one in series:
        _check(source, one, intake)
    with store.stage(target) as stage:
        with write_part(store, stage.uri, "part-000000.parquet") as writer:
            for start in range(0, len(series), batch_rows):
                some = series[start : start + batch_rows]
                said = predictor.predict(_ask(some, intake))["forecast"].reshape(len(some), intake.horizon, -1)
                writer.write(_make_rows(some, said, intake, params))
        stage.commit()
    return BulkReport(len(series) * intake.horizon, 1, time.monotonic() - began, 0.0)


def _check(uri: str, series: Series, intake: SeriesIntake) -> None:
    if series.steps < intake.history:
        raise BadData(uri, f"{series} has {series.steps} steps with values, the model looks back {intake.history}")
    ahead = len(series.times) - series.steps
    if intake.known and ahead < intake.horizon:
        raise BadData(
            uri, f"{series} has {ahead} rows after its last value, and {', '.join(intake.known)} must be known for the "
            f"next {intake.horizon} steps", "add rows for them, in which the values are left empty",
        )  # fmt: skip


def _ask(series: Sequence[Series], intake: SeriesIntake) -> dict[str, NDArray[np.float32]]:
    history = np.stack([one.numbers[one.steps - intake.history : one.steps] for one in series])
    first_known = history.shape[2] - len(intake.known)
    known = [one.numbers[one.steps : one.steps + intake.horizon, first_known:] for one in series]
    return shape_question(intake, history, np.stack(known) if intake.known else history)


def _make_rows(
    series: Sequence[Series], said: NDArray[np.float32], intake: SeriesIntake, params: Mapping[str, Any]
) -> pa.Table:
    columns: dict[str, Any] = {}
    if params["series_column"]:
        names = np.array([one.name for one in series], dtype=object)
        columns[params["series_column"]] = pa.array(np.repeat(names, intake.horizon), pa.string())
    times = [one.clock.go_on(int(one.times[one.steps - 1]), intake.horizon) for one in series]
    columns[params["time_column"]] = write_times(np.concatenate(times), is_calendar=series[0].clock.is_calendar)
    columns["step"] = np.tile(np.arange(1, intake.horizon + 1, dtype=np.int32), len(series))
    several = len(intake.values) > 1
    for place, name in enumerate(intake.values):
        columns[f"prediction_{name}" if several else "prediction"] = said[:, :, place].reshape(-1)
    return pa.table(columns)
