"""Time series as a lesson: windows of what was and what came after, judged by the last part of the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.algorithms.base import StepContext, StepResult
from dix.algorithms.lesson import Lesson, add_numbers, train_lesson
from dix.data.series import Series, SeriesOptions, read_series
from dix.data.windows import WindowPlan, Windows, cut_windows, repeat_season
from dix.errors import BadData, BadValue
from dix.frameworks.intakes.series import SeriesIntake
from dix.frameworks.lookup import load_predictor
from dix.frameworks.outcomes.numbers import NumbersOutcome
from dix.frameworks.training import Examples

# Windows that the finished model is asked at a time.
_ASKED_TOGETHER = 1024


@dataclass(frozen=True, slots=True)
class _Parts:
    """The steps that are learned from, and those that are kept aside, from the first to the last of each series."""

    train: list[tuple[Series, int, int]]
    valid: list[tuple[Series, int, int]]


def train_on_series(context: StepContext, algorithm: str) -> StepResult:
    """Train on the series of `train`; judge by all of `valid`, or by the last part of each series of `train`.

    Each step kept aside is forecast from the steps before it, which may be some that were learned from.
    """
    params = context.params
    options = make_series_options(params)
    plan = _plan_windows(options, params)
    parts = _divide(context, options, plan)
    _check_memory(context, parts, options, plan)
    train = cut_windows(parts.train, plan)
    valid = cut_windows(parts.valid, plan) if parts.valid else None
    mean, std = _measure(parts.train)
    intake = SeriesIntake(options.values, options.past, options.known, plan.history, plan.horizon, mean, std)
    ahead = [numbers[: plan.values] * plan.horizon for numbers in (mean, std)]
    lesson = Lesson(
        intake,
        NumbersOutcome("forecast", ahead[0], ahead[1]),
        _make_examples(intake, train),
        _make_examples(intake, valid) if valid is not None else None,
    )
    card = train_lesson(context, algorithm, lesson)
    if valid is not None:
        card = add_numbers(context, card, _judge(context, intake, valid))
    return StepResult(metrics={**card.metrics, "series": len(parts.train)})


def make_series_options(params: dict[str, Any]) -> SeriesOptions:
    """The columns that an algorithm's parameters name; raises BadValue for one that is named twice."""
    values = params["value_column"]
    options = SeriesOptions(
        time=params["time_column"],
        series=params["series_column"],
        values=(values,) if isinstance(values, str) else tuple(values),
        past=tuple(params["past_columns"]),
        known=tuple(params["known_columns"]),
    )
    named = [options.time, *([options.series] if options.series else []), *options.columns]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise BadValue("columns", "each column for one purpose", f"{twice} twice")
    return options


def _plan_windows(options: SeriesOptions, params: dict[str, Any]) -> WindowPlan:
    if params["season"] > params["history"]:
        todo = "let the history hold a whole season"
        raise BadValue("season", f"at most the history, {params['history']}", params["season"], todo)
    return WindowPlan(params["history"], params["horizon"], len(options.values), len(options.known), params["stride"])


def _divide(context: StepContext, options: SeriesOptions, plan: WindowPlan) -> _Parts:
    series = read_series(context.store, context.inputs["train"], options)
    if "valid" in context.inputs:
        others = read_series(context.store, context.inputs["valid"], options)
        _check_length(context.inputs["valid"], others, plan.length)
        _check_length(context.inputs["train"], series, plan.length)
        return _Parts([(one, 0, one.steps) for one in series], [(one, 0, one.steps) for one in others])
    share = context.params["validation_split"]
    aside = [max(plan.horizon, round(one.steps * share)) if share else 0 for one in series]
    for one, steps in zip(series, aside, strict=True):
        _check_length(context.inputs["train"], [one], plan.length + steps)
    firsts = [one.steps - steps for one, steps in zip(series, aside, strict=True)]
    train = [(one, 0, first) for one, first in zip(series, firsts, strict=True)]
    if not share:
        return _Parts(train, [])
    return _Parts(train, [(one, first - plan.history, one.steps) for one, first in zip(series, firsts, strict=True)])


def _check_length(uri: str, series: Sequence[Series], least: int) -> None:
    for one in series:
        if one.steps < least:
            what = f"{one} has {one.steps} steps, and history, horizon and what is kept aside take {least}"
            raise BadData(uri, what, "set a smaller history, horizon or validation_split, or leave the series out")


def _check_memory(context: StepContext, parts: _Parts, options: SeriesOptions, plan: WindowPlan) -> None:
    steps = sum(last - first for _, first, last in parts.train + parts.valid)
    # As they were cut, side by side with what the intake makes of them.
    size_bytes = 2 * 4 * steps // plan.stride * plan.length * len(options.columns)
    if size_bytes > context.memory_bytes:
        raise BadData(
            context.inputs["train"], f"its windows take more than the {context.memory_bytes >> 20} MiB of memory that "
            "the node has", "set a larger stride, or give the node more memory",
        )  # fmt: skip


def _measure(parts: list[tuple[Series, int, int]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The mean and spread of each column; one that never changes has spread 1."""
    numbers = np.concatenate([one.numbers[first:last] for one, first, last in parts]).astype(np.float64)
    std = numbers.std(axis=0)
    std[std < 1e-12] = 1.0
    return tuple(numbers.mean(axis=0).tolist()), tuple(std.tolist())


def _make_examples(intake: SeriesIntake, windows: Windows) -> Examples:
    tensors = intake.prepare({"history": windows.history, "known": windows.known})
    return Examples(tensors, windows.ahead.reshape(len(windows), -1))


def _judge(context: StepContext, intake: SeriesIntake, valid: Windows) -> dict[str, Any]:
    """How far the model that was written is off, and how far what was a season ago."""
    season, values = context.params["season"], valid.ahead.shape[2]
    naive = repeat_season(valid.history, intake.horizon, values, season)
    said = _ask(context, intake, valid).reshape(valid.ahead.shape)
    mae, rmse = _measure_errors(said - valid.ahead)
    naive_mae, naive_rmse = _measure_errors(naive - valid.ahead)
    found = {"valid_mae": mae, "valid_rmse": rmse, "naive_mae": naive_mae, "naive_rmse": naive_rmse}
    return {**found, "skill": 1.0 - mae / naive_mae} if naive_mae > 0 else found


def _ask(context: StepContext, intake: SeriesIntake, windows: Windows) -> NDArray[np.float32]:
    predictor = load_predictor(context.output("model"), max(1, int(context.cpus)), context.gpus)
    said = []
    for start in range(0, len(windows), _ASKED_TOGETHER):
        part = slice(start, start + _ASKED_TOGETHER)
        said.append(predictor.predict(shape_question(intake, windows.history[part], windows.known[part]))["forecast"])
    return np.concatenate(said)


def shape_question(
    intake: SeriesIntake, history: NDArray[np.float32], known: NDArray[np.float32]
) -> dict[str, NDArray[np.float32]]:
    """What a model is asked, for history [n, steps, columns] and known [n, horizon, columns]."""
    shape = (len(history), *intake.inputs[0].shape[1:])
    return {"history": history.reshape(shape), **({"known": known} if intake.known else {})}


def _measure_errors(errors: NDArray[np.float32]) -> tuple[float, float]:
    """The mean of the differences, and the root of the mean of their squares."""
    apart = errors.astype(np.float64)
    return float(np.abs(apart).mean()), float(np.sqrt(np.square(apart).mean()))
