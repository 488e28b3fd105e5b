"""Two towers: a vector for each user and each item, whose product says how well they go together.

Without hidden layers this is the factorisation of the matrix of events. Trained by the softmax over all items, or over
the wanted one and some that are drawn; items that a user has had lie in the model and are not answered again.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from dix.errors import BadValue
from dix.frameworks.outcomes.items import ItemsOutcome
from dix.frameworks.torch.design import Design
from dix.frameworks.torch.peers import Peers
from dix.frameworks.training import EpochReport, TrainOrder

Size = Annotated[int, Field(ge=1, le=65536)]


class TowersNet(BaseModel):
    """What the net is built from; lies in the model card as `net`. Places of items are said as float32."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    users: Annotated[int, Field(ge=1)]
    items: Annotated[int, Field(ge=2, le=1 << 24)]
    count: Annotated[int, Field(ge=1)]
    seen: Annotated[int, Field(ge=0)]
    size: Size = 64
    hidden: tuple[Size, ...] = Field(default=(), max_length=8)
    negatives: Annotated[int, Field(ge=0)] = 0
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0


class TwoTowers(nn.Module):
    """`seen_items` are the places of what each user has had, one user after the other, to `seen_ends`."""

    seen_ends: Tensor
    seen_items: Tensor
    popularity: Tensor

    def __init__(self, spec: TowersNet) -> None:
        super().__init__()
        self.spec = spec
        self.user = nn.Embedding(spec.users + 1, spec.size)
        self.item = nn.Embedding(spec.items, spec.size)
        for embedding in (self.user, self.item):
            nn.init.normal_(embedding.weight, std=0.1)
        self.liking = nn.Parameter(torch.zeros(spec.items))
        self.of_user, self.of_item = _make_tower(spec), _make_tower(spec)
        self.dropout = nn.Dropout(spec.dropout)
        self.register_buffer("seen_ends", torch.zeros(spec.users + 1, dtype=torch.int64))
        self.register_buffer("seen_items", torch.zeros(spec.seen, dtype=torch.int64))
        self.register_buffer("popularity", torch.zeros(spec.items))

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """With the tensor `item` (while learning): the scores of all items, or of the wanted one and some others.

        Otherwise the best scores that each user has left, and the places of their items.
        """
        users = self.dropout(self.of_user(self.user(batch["user"])))
        if "item" not in batch:
            return self._recommend(users, batch["user"])
        if not (self.training and self.spec.negatives):
            scores: Tensor = users @ self.of_item(self.item.weight).T + self.liking
            return scores
        wanted = batch["item"]
        drawn = torch.randint(self.spec.items, (self.spec.negatives,), device=wanted.device)
        its = (users * self.of_item(self.item(wanted))).sum(1) + self.liking[wanted]
        others = users @ self.of_item(self.item(drawn)).T + self.liking[drawn]
        others = others.masked_fill(drawn[None] == wanted[:, None], float("-inf"))
        return torch.cat([its[:, None], others], dim=1)

    def _recommend(self, users: Tensor, places: Tensor) -> Tensor:
        scores = (users @ self.of_item(self.item.weight).T + self.liking).float()
        known = places > 0
        scores = torch.where(known[:, None], scores, self.popularity)
        starts = torch.where(known, self.seen_ends[(places - 1).clamp(min=0)], 0)
        counts = torch.where(known, self.seen_ends[places] - starts, 0)
        rows = torch.repeat_interleave(torch.arange(len(places), device=places.device), counts)
        before = counts.cumsum(0) - counts
        within = torch.arange(len(rows), device=places.device) - before[rows]
        scores[rows, self.seen_items[starts[rows] + within]] = float("-inf")
        best, found = scores.topk(self.spec.count, dim=1)
        return torch.cat([best, found.to(best.dtype)], dim=1)


def _make_tower(spec: TowersNet) -> nn.Module:
    layers: list[nn.Module] = []
    for before, size in pairwise((spec.size, *spec.hidden)):
        layers += [nn.Linear(before, size), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class WantedItem:
    """Cross entropy of the item that the user had; `loss` is that over all items, where all were asked."""

    def __init__(self, items: int) -> None:
        self._items = items

    def loss(self, said: Tensor, targets: Tensor) -> Tensor:
        return nn.functional.cross_entropy(said.float(), self._find(said, targets))

    def measure(self, said: Tensor, targets: Tensor, loss: Tensor | None = None) -> dict[str, Tensor]:
        return {"loss": (self.loss(said, targets) if loss is None else loss) * len(targets)}

    def _find(self, said: Tensor, targets: Tensor) -> Tensor:
        return targets if said.shape[1] == self._items else torch.zeros_like(targets)


def _plan(order: TrainOrder) -> TowersNet:
    outcome, params = order.outcome, order.params
    if not isinstance(outcome, ItemsOutcome):
        raise BadValue("outcome", "items", outcome.KIND)
    items = len(outcome.items)
    names = ("size", "hidden", "dropout")
    return TowersNet(
        users=len(getattr(order.intake, "users", ())),
        items=items,
        count=outcome.count,
        seen=len(order.train),
        # As many drawn ones as there are others are all of them.
        negatives=params["negatives"] if params.get("negatives", 0) < items - 1 else 0,
        **{name: params[name] for name in names if name in params},
    )


def _remember(net: nn.Module, order: TrainOrder, report: EpochReport, peers: Peers | None) -> Mapping[str, float]:  # noqa: ARG001
    """Put what each user has had, and how often each item was had, into the net."""
    if isinstance(net, TwoTowers):
        users, items = (torch.from_numpy(order.train.tensors[name]) for name in ("user", "item"))
        by_user = torch.argsort(users, stable=True)
        net.seen_items.copy_(items[by_user])
        net.seen_ends.copy_(torch.bincount(users, minlength=net.spec.users + 1).cumsum(0))
        net.popularity.copy_(torch.bincount(items, minlength=net.spec.items))
    return {}


def _build(spec: TowersNet, preprocessing: Mapping[str, Any]) -> nn.Module:
    if len(preprocessing["users"]) != spec.users:
        raise BadValue("net.users", f"as many as the preprocessing has, {len(preprocessing['users'])}", spec.users)
    return TwoTowers(spec)


def _make_objective(order: TrainOrder, device: torch.device) -> WantedItem:  # noqa: ARG001
    return WantedItem(order.outcome.width if not isinstance(order.outcome, ItemsOutcome) else len(order.outcome.items))


TOWERS = Design(spec=TowersNet, plan=_plan, build=_build, pretrain=_remember, objective=_make_objective)
