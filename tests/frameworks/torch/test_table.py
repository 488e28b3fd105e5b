"""The net for tables takes numbers alone, categories alone, and both."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from dix.frameworks.intakes.table import fit_table
from dix.frameworks.torch.table import TABLE, TableNet

NUMBERS = {"x": np.array([0.5, np.nan, 3.0]), "y": np.array([1.0, 2.0, 3.0])}
TEXTS = {"t": np.array(["a", "b", "a"], object)}


@pytest.mark.parametrize("columns", [NUMBERS, TEXTS, NUMBERS | TEXTS])
def test_any_columns_become_logits(columns: dict[str, NDArray[Any]]) -> None:
    intake = fit_table(columns, scale="standard", min_count=1)
    net = TABLE.build(TableNet(classes=4, width=5), asdict(intake))
    batch = {name: torch.from_numpy(values) for name, values in intake.prepare(columns).items()}
    said = net.eval()(batch)
    assert said.shape == (3, 4)
    assert torch.isfinite(said).all()
    assert not torch.equal(said[0], said[1])
