"""The recurrent net in numbers: what a net of any framework is built from, for texts, sequences and forecasts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dix.frameworks.intakes.texts import FIRST_WORD, TextsIntake
from dix.frameworks.training import TrainOrder

Size = Annotated[int, Field(ge=1, le=65_536)]

_PARAMS = ("hidden", "layers", "bidirectional", "pooling", "dropout")


class RecurrentSpec(BaseModel):
    """Lies in the model's card as `net`; the cell (LSTM, plain) follows from the algorithm.

    With `words` the tensors are `tokens` [n, steps], each of them embedded in `embedding` numbers; otherwise `sequence`
    [n, steps, channels]. In both cases `lengths` [n] says how many steps of each row count.
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
    channels = order.train.tensors["sequence"].shape[2]
    return RecurrentSpec(channels=channels, width=order.outcome.width, **params)
