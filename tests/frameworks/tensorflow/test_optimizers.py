"""An optimiser is found by its name."""

from __future__ import annotations

import pytest

from dix.errors import BadValue
from dix.frameworks.cnn_spec import CnnNet
from dix.frameworks.tensorflow.cnn_net import ConvolutionalNet
from dix.frameworks.tensorflow.optimizers import make_optimizer


def test_unknown_names_are_refused() -> None:
    net = ConvolutionalNet(CnnNet(height=1, width=1, colours=1, classes=2, channels=(1,)))
    assert make_optimizer("sgd", net, 0.1, 0.0).nesterov
    with pytest.raises(BadValue, match="optimizer"):
        make_optimizer("lion", net, 0.1, 0.0)
