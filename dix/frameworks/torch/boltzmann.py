"""Restricted Boltzmann machines, trained one upon the other by contrastive divergence.

Source: G. Hinton, "A Practical Guide to Training Restricted Boltzmann Machines", UTML TR 2010-003: what is sampled and
what is taken as a probability (section 3), small random weights and biases by how often a unit is on (8), momentum that
rises (9), decay of the weights alone (10).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dix.frameworks.torch.peers import Peers

# The momentum of the first epochs, how many these are, and that of all others.
_EARLY_MOMENTUM, _EARLY_EPOCHS, _MOMENTUM = 0.5, 5, 0.9


@dataclass(frozen=True, slots=True)
class GreedyPlan:
    """How each layer is trained before the targets are looked at; `steps` is the k of CD-k."""

    epochs: int
    batch_size: int
    learning_rate: float
    steps: int
    weight_decay: float
    seed: int


TellLayer = Callable[[int, int, float], None]


def train_layers(
    layers: Sequence[nn.Linear], visible: Tensor, plan: GreedyPlan, tell: TellLayer, peers: Peers | None = None
) -> list[float]:
    """Train linear layers, each followed by a sigmoid, in place, on `visible` [n, units] from 0 to 1.

    After each epoch `tell` gets the layer, the epoch (both from 1) and the mean squared error with which the layer says
    its input again. Answers the last error of each layer. Each of `peers` has all of `visible`, and learns from its
    share of each batch.
    """
    chance = torch.Generator(visible.device).manual_seed(plan.seed)
    errors = []
    for place, layer in enumerate(layers, 1):
        machine = _Machine(layer, visible, chance, peers)
        for epoch in range(1, plan.epochs + 1):
            error = machine.learn(visible, plan, _EARLY_MOMENTUM if epoch <= _EARLY_EPOCHS else _MOMENTUM)
            tell(place, epoch, error)
        errors.append(error)
        visible = machine.say_hidden(visible)
    return errors


class _Machine:
    """One machine: its weights and hidden biases are those of the layer, its visible biases are forgotten after."""

    def __init__(self, layer: nn.Linear, visible: Tensor, chance: torch.Generator, peers: Peers | None) -> None:
        self._chance = chance
        self._peers = peers
        self._weight, self._hidden_bias = layer.weight.detach(), layer.bias.detach()
        self._weight.copy_(0.01 * torch.randn(self._weight.shape, generator=chance, device=visible.device))
        self._hidden_bias.zero_()
        share = visible.mean(0).clamp(0.01, 0.99)
        self._visible_bias = torch.log(share / (1 - share))
        if peers is not None:
            peers.follow(self._list_weights())
        self._speeds = [torch.zeros_like(one) for one in self._list_weights()]

    def _list_weights(self) -> list[Tensor]:
        return [self._weight, self._hidden_bias, self._visible_bias]

    def say_hidden(self, visible: Tensor) -> Tensor:
        """How probable it is that each hidden unit is on."""
        return torch.sigmoid(nn.functional.linear(visible, self._weight, self._hidden_bias))

    @torch.no_grad()
    def learn(self, visible: Tensor, plan: GreedyPlan, momentum: float) -> float:
        """One epoch; answers the error with which the first step back says the input."""
        error, peers = visible.new_zeros(()), self._peers
        order = torch.randperm(len(visible), generator=self._chance, device=visible.device)
        for places in torch.split(order, plan.batch_size):
            mine = slice(len(places)) if peers is None else peers.share(len(places))
            data = visible[places[mine]]
            hidden = self.say_hidden(data)
            on, said, again = hidden, data, hidden
            for step in range(plan.steps):
                # Chance is drawn for all rows, so that each row gets what it gets from one worker.
                drawn = torch.rand((len(places), again.shape[1]), generator=self._chance, device=again.device)
                on = (drawn[mine] < again).to(data.dtype)
                said = torch.sigmoid(on @ self._weight + self._visible_bias)
                again = self.say_hidden(said)
                if step == 0:
                    error = error + (data - said).square().sum()
            changes = [hidden.T @ data - again.T @ said, (hidden - again).sum(0), (data - said).sum(0)]
            if peers is not None:
                changes = peers.add_all(changes)
            self._move(changes, len(places), plan, momentum)
        if peers is not None:
            peers.add(error)
        return float(error) / visible.numel()

    def _move(self, changes: Sequence[Tensor], count: int, plan: GreedyPlan, momentum: float) -> None:
        decays = (plan.weight_decay, 0.0, 0.0)
        for weight, speed, change, decay in zip(self._list_weights(), self._speeds, changes, decays, strict=True):
            speed.mul_(momentum).add_(change / count - decay * weight, alpha=plan.learning_rate)
            weight.add_(speed)
