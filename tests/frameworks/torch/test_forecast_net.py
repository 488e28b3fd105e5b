"""The net that forecasts begins where the seasonal-naive forecast is."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from dix.frameworks.recurrent import ForecastSpec, RecurrentSpec
from dix.frameworks.torch.forecast_net import ForecastNet


@pytest.mark.parametrize("season", [1, 3, 6])
def test_it_begins_as_the_seasonal_naive_forecast(season: int) -> None:
    forecast = ForecastSpec(history=6, horizon=5, season=season, values=2, known=1)
    net = ForecastNet(nn.LSTM, RecurrentSpec(channels=4, hidden=3, width=10, forecast=forecast), forecast).eval()
    history = torch.randn(7, 6, 4) * 3 + 5
    said = net({"history": history, "known": torch.randn(7, 5, 1)}).reshape(7, 5, 2)
    places = [6 - season + step % season for step in range(5)]
    assert torch.allclose(said, history[:, places, :2], atol=1e-4)


def test_a_window_that_stands_still_stays_finite() -> None:
    forecast = ForecastSpec(history=4, horizon=2, season=1, values=1)
    net = ForecastNet(nn.RNN, RecurrentSpec(channels=1, hidden=3, width=2, forecast=forecast), forecast)
    said = net({"history": torch.full((3, 4, 1), 7.0)})
    said.sum().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in net.parameters())
    assert torch.allclose(said, torch.full((3, 2), 7.0), atol=1e-3)
