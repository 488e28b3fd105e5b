"""The pictures of a sweep: parallel coordinates, scatter, importance of parameters, curves of trials."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from ui.words.text import Text

HEIGHT = 380
MOST_LINES = 500


class Words:
    """What this part says."""

    TRIAL = Text("trial", "试验")
    SHARE = Text("share", "占比")
    EPOCH = Text("epoch", "轮次")
    VALUE = Text("value", "值")


def draw_parallel(frame: pd.DataFrame, target: str) -> alt.Chart:
    """A line for each trial through its parameters to its objective, each axis from its least to its greatest.

    Of more than 500 trials, those whose objective is known and that come first.
    """
    known = frame.dropna(subset=[target]).head(MOST_LINES)
    axes = [name for name in known.columns if name.startswith("params.") and known[name].astype(str).nunique() > 1]
    parts = []
    for name in [*axes, target]:
        place = _rank(known[name])
        shown = known[name].astype(str)
        parts.append(
            pd.DataFrame(
                {
                    "trial": known["trial"],
                    "axis": _short(name),
                    "place": place,
                    "shown": shown,
                    "target": known[target].astype(float),
                }
            )
        )
    rows = pd.concat(parts, ignore_index=True)
    order = [_short(name) for name in [*axes, target]]
    chart: alt.Chart = (
        alt.Chart(rows, height=HEIGHT)
        .mark_line(opacity=0.55, strokeWidth=1.5, point=alt.OverlayMarkDef(size=24))
        .encode(
            x=alt.X("axis:N", sort=order, title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("place:Q", title=None, axis=None),
            detail="trial:N",
            color=alt.Color("target:Q", title=_short(target), scale=alt.Scale(scheme="viridis")),
            tooltip=[
                alt.Tooltip("trial:N", title=Words.TRIAL),
                alt.Tooltip("axis:N", title=" "),
                alt.Tooltip("shown:N", title=Words.VALUE),
                alt.Tooltip("target:Q", format=".5g", title=_short(target)),
            ],
        )
    )
    return chart


def draw_scatter(frame: pd.DataFrame, across: str, up: str) -> alt.Chart:
    """A point for each trial."""
    rows = pd.DataFrame({"trial": frame["trial"], "x": frame[across], "y": frame[up]}).dropna()
    chart: alt.Chart = (
        alt.Chart(rows, height=HEIGHT)
        .mark_circle(size=60, opacity=0.7)
        .encode(
            x=alt.X(f"x:{_kind(rows['x'])}", title=_short(across), scale=alt.Scale(zero=False)),
            y=alt.Y(f"y:{_kind(rows['y'])}", title=_short(up), scale=alt.Scale(zero=False)),
            tooltip=[alt.Tooltip("trial:N", title=Words.TRIAL), alt.Tooltip("x"), alt.Tooltip("y")],
        )
    )
    return chart


def draw_importance(shares: Mapping[str, float]) -> alt.Chart:
    """A bar for each parameter, the greatest on top."""
    rows = pd.DataFrame({"name": list(shares), "share": list(shares.values())})
    chart: alt.Chart = (
        alt.Chart(rows, height=max(120, 34 * len(rows)))
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title=Words.SHARE, axis=alt.Axis(format="%")),
            y=alt.Y("name:N", sort="-x", title=None),
            tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("share:Q", format=".1%", title=Words.SHARE)],
        )
    )
    return chart


def draw_curves(points: pd.DataFrame) -> alt.Chart:
    """The objective of each trial, epoch by epoch."""
    rows = points.dropna(subset=["value"]) if len(points) else pd.DataFrame({"trial": [], "position": [], "value": []})
    chart: alt.Chart = (
        alt.Chart(rows, height=HEIGHT)
        .mark_line(strokeWidth=1.5)
        .encode(
            x=alt.X("position:Q", title=Words.EPOCH, axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
            color=alt.Color("trial:N", title=Words.TRIAL),
            tooltip=[alt.Tooltip("trial:N", title=Words.TRIAL), "position:Q", alt.Tooltip("value:Q", format=".5g")],
        )
    )
    return chart


def _rank(values: pd.Series) -> pd.Series:
    """From 0 to 1: numbers by their size, other values by their order."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().any():
        numbers = values.astype(str).rank(method="dense")
    spread = numbers.max() - numbers.min()
    return (numbers - numbers.min()) / spread if spread else numbers * 0.0 + 0.5


def _kind(values: pd.Series) -> str:
    return "Q" if pd.api.types.is_numeric_dtype(values) else "N"


def _short(name: str) -> str:
    return name.removeprefix("params.").removeprefix("objective.")
