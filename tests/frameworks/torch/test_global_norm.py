"""One worker's share of a norm over all of them; with several, tests/frameworks/torch/test_peers.py has whole nets."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from dix.engine.crew_host import find_port
from dix.frameworks.torch.global_net import span_net
from dix.frameworks.torch.global_norm import GlobalBatchNorm
from dix.frameworks.torch.peers import meet
from tests.frameworks.torch.test_peers import make_group


@pytest.mark.parametrize(
    ("norm", "shape"),
    [
        (nn.BatchNorm1d(5), (6, 5)),
        (nn.BatchNorm1d(5), (6, 5, 3)),
        (nn.BatchNorm2d(5, momentum=None), (6, 5, 3, 2)),
        (nn.BatchNorm2d(5, affine=False), (6, 5, 3, 2)),
        (nn.BatchNorm3d(5, track_running_stats=False), (2, 5, 3, 2, 2)),
    ],
)
def test_it_is_torchs_own_where_one_has_all_rows(norm: nn.Module, shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    local, spanning = nn.Sequential(norm), nn.Sequential(copy.deepcopy(norm))
    with meet(make_group(0, 1, find_port()), has_card=False) as peers:
        span_net(spanning, peers)
        assert isinstance(spanning[0], GlobalBatchNorm)
        peers.divide(shape[0])
        for _ in range(2):
            x, weights = torch.randn(shape) * 3 + 7, torch.randn(shape)
            for found, expected in zip(_learn(spanning, x, weights), _learn(local, x, weights), strict=True):
                torch.testing.assert_close(found, expected)
    assert spanning.state_dict().keys() == local.state_dict().keys()
    for name, expected in local.state_dict().items():
        torch.testing.assert_close(spanning.state_dict()[name], expected)
    torch.testing.assert_close(spanning.eval()(x), local.eval()(x))


def _learn(net: nn.Module, x: Tensor, weights: Tensor) -> list[Tensor]:
    x = x.clone().requires_grad_()
    net.zero_grad()
    said = net(x)
    torch.autograd.backward((said * weights).sum())
    return [said, *(one.grad for one in [x, *net.parameters()] if one.grad is not None)]
