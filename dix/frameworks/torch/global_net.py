"""Makes of a net one that several workers have: what looks at, or draws for, a whole batch does so for all rows."""

from __future__ import annotations

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from dix.frameworks.torch.global_dropout import GlobalDropout
from dix.frameworks.torch.global_norm import GlobalBatchNorm
from dix.frameworks.torch.peers import Peers


def span_net(net: nn.Module, peers: Peers) -> None:
    """Change `net` in place, before its optimiser is made; the names of its weights stay."""
    for name, child in net.named_children():
        if isinstance(child, _BatchNorm):
            setattr(net, name, GlobalBatchNorm(child, peers))
        elif isinstance(child, nn.Dropout):
            setattr(net, name, GlobalDropout(child.p, peers))
        else:
            span_net(child, peers)
