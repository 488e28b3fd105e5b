"""A trained torch net that answers batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError
from torch import Tensor

from dix.errors import BadModel
from dix.frameworks.base import Columns, ModelCard, Predictor
from dix.frameworks.card import read_card
from dix.frameworks.checking import check_input
from dix.frameworks.intakes.base import Intake
from dix.frameworks.intakes.lookup import read_intake
from dix.frameworks.outcomes.base import Outcome
from dix.frameworks.outcomes.lookup import read_outcome
from dix.frameworks.torch.device import choose_device, use_mixed_precision
from dix.frameworks.torch.nets import NETS, find_design
from dix.frameworks.torch.saving import load_weights

# As many rows a pass: enough to fill the cores, few enough to stay in their caches.
_PASS = 128


class TorchPredictor:
    """A net in evaluation mode, on the device that it lies on; see `Predictor`."""

    def __init__(
        self, card: ModelCard, intake: Intake, net: torch.nn.Module, outcome: Outcome, device: torch.device
    ) -> None:
        self._card = card
        self._intake = intake
        self._net = net
        self._outcome = outcome
        self._device = device

    @property
    def card(self) -> ModelCard:
        return self._card

    def predict(self, columns: Columns) -> dict[str, NDArray[Any]]:
        raw = {spec.name: check_input(spec, columns) for spec in self._card.inputs}
        count = len(next(iter(raw.values())))
        if count == 0:
            return self._outcome.decode(np.zeros((0, self._outcome.width), dtype=np.float32))
        return self._outcome.decode(self._compute(self._intake.prepare(raw), count))

    def _compute(self, tensors: dict[str, NDArray[Any]], count: int) -> NDArray[np.float32]:
        # What comes straight out of an Arrow table is read-only, which torch does not take.
        batch = {
            name: torch.from_numpy(np.require(values, requirements=["C", "W"])) for name, values in tensors.items()
        }
        with torch.inference_mode(), use_mixed_precision(self._device):
            said = [self._ask(batch, start) for start in range(0, count, _PASS)]
            return (said[0] if len(said) == 1 else torch.cat(said)).float().cpu().numpy()

    def _ask(self, batch: dict[str, Tensor], start: int) -> Tensor:
        said: Tensor = self._net(
            {name: values[start : start + _PASS].to(self._device) for name, values in batch.items()}
        )
        return said


def load_torch_predictor(folder: Path, threads: int = 1, gpus: float = 0.0) -> Predictor:
    """Load a model folder that torch wrote; raises BadModel. Sets the number of torch's threads of this process."""
    card, uri = read_card(folder), str(folder)
    if card.algorithm not in NETS:
        raise BadModel(uri, f"a torch model of the algorithm {card.algorithm!r} is not known")
    intake, outcome, design = read_intake(uri, card), read_outcome(uri, card), find_design(card.algorithm)
    try:
        spec = design.spec.model_validate(card.net)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadModel(uri, f"net.{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    device = choose_device(threads, gpus)
    with torch.device("meta"):
        net = design.build(spec, card.preprocessing)
    load_weights(folder, net)
    return TorchPredictor(card, intake, design.fuse(net.eval()).to(device), outcome, device)
