"""The recurrent net in numbers: what a net of any framework is built from, for texts, sequences and forecasts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from dix.frameworks.intakes.series import SeriesIntake
from dix.frameworks.intakes.texts import FIRST_WORD, TextsIntake
from dix.frameworks.training import TrainOrder

Size = Annotated[int, Field(ge=1, le=65_536)]

_PARAMS = ("hidden", "layers", "bidirectional", "pooling", "dropout")


class ForecastSpec(BaseModel):
    """What a net that forecasts takes: `history` [n, history, channels of the net], of which the first `values` columns
    are forecast for `horizon` steps, and the last `known` are in `known` [n, horizon, known] too.

    It begins as the seasonal-naive forecast, what was `season` steps ago, and learns what to change about it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    history: Size
    horizon: Size
    season: Size
    values: Size
    known: Annotated[int, Field(ge=0, le=65_536)] = 0


class RecurrentSpec(BaseModel):
    """Lies in the model's card as `net`; the cell (LSTM, plain) follows from the algorithm.

    With `words` the tensors are `tokens` [n, steps], each of them embedded in `embedding` numbers; otherwise `sequence`
    [n, steps, channels]. In both cases `lengths` [n] says how many steps of each row count. With `forecast` it says
    which tensors there are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: Annotated[int, Field(ge=0, le=16_777_216)] = 0
    embedding: Annotated[int, Field(ge=0, le=65_536)] = 0
    channels: Annotated[int, Field(ge=0, le=65_536)] = 0
    hidden: Size
    layers: Annotated[int, Field(ge=1, le=16)] = 1
    bidirectional: bool = False
    pooling: Literal["max", "mean", "last"] = "max"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    width: Size
    forecast: ForecastSpec | None = None

    @property
    def features(self) -> int:
        """How many numbers each step has before the first layer."""
        return self.embedding if self.words else self.channels


def plan_recurrent(order: TrainOrder) -> RecurrentSpec:
    """The net for what an order's intake prepares."""
    params = {name: order.params[name] for name in _PARAMS if name in order.params}
    if isinstance(order.intake, TextsIntake):
        words = len(order.intake.vocabulary) + FIRST_WORD
        return RecurrentSpec(words=words, embedding=order.params["embedding"], width=order.outcome.width, **params)
    if isinstance(order.intake, SeriesIntake):
        return _plan_forecast(order, order.intake, params)
    channels = order.train.tensors["sequence"].shape[2]
    return RecurrentSpec(channels=channels, width=order.outcome.width, **params)


def _plan_forecast(order: TrainOrder, intake: SeriesIntake, params: dict[str, Any]) -> RecurrentSpec:
    """A forecast reads forwards only, and takes what it has read at the end."""
    forecast = ForecastSpec(
        history=intake.history,
        horizon=intake.horizon,
        season=order.params["season"],
        values=len(intake.values),
        known=len(intake.known),
    )
    only = {"channels": len(intake.mean), "bidirectional": False, "pooling": "last", "forecast": forecast}
    return RecurrentSpec(**params | only, width=order.outcome.width)
