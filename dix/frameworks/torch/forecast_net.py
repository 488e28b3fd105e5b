"""The recurrent net for forecasts: begins as the seasonal-naive one, and learns what to change about it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from dix.frameworks.recurrent import ForecastSpec, RecurrentSpec
from dix.frameworks.torch.recurrent_net import Cell, RecurrentStack

_STEP_FEATURES = 8
# Added to a window's variance, in units of the training's: a window that stands still is not blown up.
_LEAST_VARIANCE = 1e-4


class ForecastNet(nn.Module):
    """Brings each window to its own mean and spread, so that a new level is nothing new; then adds up two ways.

    The straight way is linear in what is forecast, and begins with the values of one season ago. The recurrent way
    reads all columns, and says for each step ahead, from what it has read, what was one season ago and what is known,
    how far the straight way is off; it begins at zero.
    """

    def __init__(self, cell: Cell, spec: RecurrentSpec, forecast: ForecastSpec) -> None:
        super().__init__()
        self.forecast = forecast
        self.stack = RecurrentStack(cell, spec.channels, spec)
        self.straight = nn.Linear(forecast.history, forecast.horizon)
        self.steps = nn.Parameter(torch.zeros(forecast.horizon, _STEP_FEATURES))
        given = spec.hidden + _STEP_FEATURES + forecast.values + 2 * forecast.known
        self.correct = nn.Sequential(
            nn.Linear(given, spec.hidden), nn.ReLU(), nn.Dropout(spec.dropout), nn.Linear(spec.hidden, forecast.values)
        )
        self._begin()

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """[n, horizon x values], in the units of `history`."""
        history, values = batch["history"], self.forecast.values
        asked = history[:, :, :values]
        mean = asked.mean(dim=1, keepdim=True)
        spread = (asked.var(dim=1, keepdim=True, unbiased=False) + _LEAST_VARIANCE).sqrt()
        window = torch.cat([(asked - mean) / spread, history[:, :, values:]], dim=2)
        straight = self.straight(window[:, :, :values].transpose(1, 2)).transpose(1, 2)
        said: Tensor = (straight + self.correct(self._gather(window, batch))) * spread + mean
        return said.flatten(1)

    def _gather(self, window: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
        """What is known for each step ahead, [n, horizon, features]."""
        forecast = self.forecast
        read = self.stack(window)[:, -1:].expand(-1, forecast.horizon, -1)
        ago = window[:, forecast.history - forecast.season + self._phases(window.device)]
        parts = [read, self.steps.expand(len(window), -1, -1), ago[:, :, : forecast.values]]
        if forecast.known:
            parts += [ago[:, :, ago.shape[2] - forecast.known :], batch["known"]]
        return torch.cat([part.to(read.dtype) for part in parts], dim=2)

    def _phases(self, device: torch.device) -> Tensor:
        return torch.arange(self.forecast.horizon, device=device) % self.forecast.season

    @torch.no_grad()
    def _begin(self) -> None:
        forecast = self.forecast
        nn.init.normal_(self.steps)
        last = self.correct[-1]
        for weight in (self.straight.weight, self.straight.bias, last.weight, last.bias):
            nn.init.zeros_(weight)  # type: ignore[arg-type]  # all are tensors
        device = self.straight.weight.device
        ago = forecast.history - forecast.season + self._phases(device)
        self.straight.weight[torch.arange(forecast.horizon, device=device), ago] = 1.0
