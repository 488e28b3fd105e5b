"""An optimiser is found by its name."""

from __future__ import annotations

import pytest
import torch

from dix.errors import BadValue
from dix.frameworks.torch.optimizers import make_optimizer


def test_unknown_names_are_refused() -> None:
    assert make_optimizer("sgd", torch.nn.Linear(1, 1), 0.1, 0.0).param_groups[0]["nesterov"]
    with pytest.raises(BadValue, match="optimizer"):
        make_optimizer("lion", torch.nn.Linear(1, 1), 0.1, 0.0)
