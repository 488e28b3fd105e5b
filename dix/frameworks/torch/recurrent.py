"""The LSTM and the plain recurrent net as designs: two nets (for classes, for forecasts) of two cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from dix.frameworks.intakes.texts import FIRST_WORD, UNKNOWN
from dix.frameworks.recurrent import RecurrentSpec, plan_recurrent
from dix.frameworks.torch.design import Batch, Design
from dix.frameworks.torch.forecast_net import ForecastNet
from dix.frameworks.torch.recurrent_net import Cell, RecurrentNet


def _make_design(cell: Cell) -> Design:
    def build(spec: RecurrentSpec, _: Mapping[str, Any]) -> nn.Module:
        return RecurrentNet(cell, spec) if spec.forecast is None else ForecastNet(cell, spec, spec.forecast)

    return Design(spec=RecurrentSpec, plan=plan_recurrent, build=build, augment=_change)


def _change(batch: Batch, params: Mapping[str, Any], chance: torch.Generator) -> Batch:
    """Make some words unknown ones, by chance, so that the net learns to do without any one of them; leave out the
    steps that no row of the batch has.
    """
    if "lengths" not in batch:
        return batch
    share, changed = params.get("word_dropout", 0.0), dict(batch)
    if share and "tokens" in batch:
        tokens = batch["tokens"]
        is_hidden = (torch.rand(tokens.shape, generator=chance) < share).to(tokens.device) & (tokens >= FIRST_WORD)
        changed["tokens"] = tokens.masked_fill(is_hidden, UNKNOWN)
    longest = int(batch["lengths"].max())
    return {name: values if name == "lengths" else values[:, :longest] for name, values in changed.items()}


LSTM = _make_design(nn.LSTM)
RNN = _make_design(nn.RNN)
