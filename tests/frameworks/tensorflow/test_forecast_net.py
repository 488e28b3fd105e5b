"""The net that forecasts begins where the seasonal-naive forecast is, and goes on as that of torch does."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
import torch
from torch import nn

from dix.frameworks.recurrent import ForecastSpec, RecurrentSpec
from dix.frameworks.tensorflow.forecast_net import ForecastNet
from dix.frameworks.tensorflow.layers import make_lstm
from dix.frameworks.tensorflow.saving import collect_weights, put_weights
from dix.frameworks.torch.forecast_net import ForecastNet as TorchNet
from tests.frameworks.tensorflow.test_recurrent_net import name_weights

CHANCE = np.random.default_rng(0)
HISTORY = (CHANCE.normal(size=(7, 6, 4)) * 3 + 5).astype(np.float32)
KNOWN = CHANCE.normal(size=(7, 5, 1)).astype(np.float32)


@pytest.mark.parametrize("season", [1, 3])
def test_it_begins_as_the_seasonal_naive_forecast(season: int) -> None:
    net = ForecastNet(make_lstm, *make_specs(season))
    said = net({"history": tf.constant(HISTORY), "known": tf.constant(KNOWN)}).numpy().reshape(7, 5, 2)
    places = [6 - season + step % season for step in range(5)]
    np.testing.assert_allclose(said, HISTORY[:, places, :2], atol=1e-4)


def test_the_same_weights_say_the_same_as_on_torch() -> None:
    torch.manual_seed(0)
    net, other = ForecastNet(make_lstm, *make_specs(3)), TorchNet(nn.LSTM, *make_specs(3)).eval()
    for weight in other.parameters():
        nn.init.normal_(weight)
    weights = name_weights(other, collect_weights(net))
    for name, place in {"straight": "straight", "hidden": "correct.0", "correct": "correct.3"}.items():
        layer = other.get_submodule(place)
        weights |= {f"{name}.kernel": layer.weight.detach().numpy().T, f"{name}.bias": layer.bias.detach().numpy()}
    put_weights(net, weights | {"forecast.steps": other.steps.detach().numpy()})
    with torch.no_grad():
        expected = other({"history": torch.from_numpy(HISTORY), "known": torch.from_numpy(KNOWN)}).numpy()
    said = net({"history": tf.constant(HISTORY), "known": tf.constant(KNOWN)}).numpy()
    np.testing.assert_allclose(said, expected, rtol=1e-4, atol=1e-3)


def make_specs(season: int) -> tuple[RecurrentSpec, ForecastSpec]:
    forecast = ForecastSpec(history=6, horizon=5, season=season, values=2, known=1)
    return RecurrentSpec(channels=4, hidden=3, width=10, forecast=forecast), forecast
