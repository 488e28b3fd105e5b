"""The net for tables: embeddings of the categories beside the numbers, then residual blocks.

Source: Y. Gorishniy, I. Rubachev, V. Khrulkov and A. Babenko, "Revisiting Deep Learning Models for Tabular Data",
NeurIPS 2021, the ResNet of section 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from dix.errors import BadValue
from dix.frameworks.intakes.table import TableIntake
from dix.frameworks.torch.design import Design
from dix.frameworks.training import TrainOrder


class TableNet(BaseModel):
    """What the net is built from, beside the columns; lies in the model card as `net`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    classes: Annotated[int, Field(ge=2, le=65536)]
    width: Annotated[int, Field(ge=1, le=8192)] = 64
    blocks: Annotated[int, Field(ge=0, le=32)] = 2
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1


class _Block(nn.Module):
    """What it adds to its input is learned."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.change = nn.Sequential(
            nn.BatchNorm1d(width),
            nn.Linear(width, 2 * width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(2 * width, width),
            nn.Dropout(dropout),
        )
        if not dropout:
            _fix_bias(self.change[4])

    def forward(self, x: Tensor) -> Tensor:
        changed: Tensor = x + self.change(x)
        return changed


class _ResidualNet(nn.Module):
    def __init__(self, spec: TableNet, numbers: int, vocabularies: list[int]) -> None:
        super().__init__()
        widths = [min(50, (size + 2) // 2) for size in vocabularies]
        self.embeddings = nn.ModuleList(
            nn.Embedding(size, width) for size, width in zip(vocabularies, widths, strict=True)
        )
        self.first = nn.Linear(numbers + sum(widths), spec.width)
        _fix_bias(self.first)
        self.blocks = nn.Sequential(*(_Block(spec.width, spec.dropout) for _ in range(spec.blocks)))
        self.head = nn.Sequential(nn.BatchNorm1d(spec.width), nn.ReLU(), nn.Linear(spec.width, spec.classes))

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """`numbers` and `categories` to logits [n, classes]."""
        places = batch["categories"]
        embedded = [embed(places[:, i]) for i, embed in enumerate(self.embeddings)]
        logits: Tensor = self.head(self.blocks(self.first(torch.cat([batch["numbers"], *embedded], dim=1))))
        return logits


def _fix_bias(layer: nn.Module) -> None:
    """Have a bias not learn that the batch norms after it take away: its gradient is nothing but rounding, of which
    Adam makes full steps.
    """
    layer.bias.requires_grad_(False)


def _plan(order: TrainOrder) -> TableNet:
    if not isinstance(order.intake, TableIntake):
        raise BadValue("intake", "a table", order.intake.KIND)
    names = ("width", "blocks", "dropout")
    return TableNet(classes=order.outcome.width, **{name: order.params[name] for name in names if name in order.params})


def _build(spec: TableNet, preprocessing: Mapping[str, Any]) -> nn.Module:
    numbers, categories = preprocessing["numbers"], preprocessing["categories"]
    width = len(numbers) + sum(bool(one["may_miss"]) for one in numbers)
    return _ResidualNet(spec, width, [len(one["values"]) + 1 for one in categories])


TABLE = Design(spec=TableNet, plan=_plan, build=_build)
