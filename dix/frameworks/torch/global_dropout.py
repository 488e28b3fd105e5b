"""Dropout over the batch of all workers: each row loses what it loses with one worker."""

from __future__ import annotations

from torch import Tensor, nn

from dix.frameworks.torch.peers import Peers


class GlobalDropout(nn.Module):
    """Stands for torch's, and takes what lies in memory row by row, the first dimension being the batch's.

    All workers have torch's chance in the same state.
    """

    def __init__(self, share: float, peers: Peers) -> None:
        super().__init__()
        self._share = share
        self._peers = peers

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self._share:
            return x
        kept = nn.functional.dropout(x.new_ones(self._peers.batch_rows, *x.shape[1:]), self._share)
        return x * kept[self._peers.mine]
