"""The recurrent net reads rows of all lengths side by side as it would read each alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from dix.frameworks.recurrent import RecurrentSpec
from dix.frameworks.torch.recurrent_net import RecurrentNet, RecurrentStack


@pytest.mark.parametrize("cell", [nn.LSTM, nn.RNN])
@pytest.mark.parametrize("pooling", ["max", "mean", "last"])
@pytest.mark.parametrize("both", [True, False])
def test_what_stands_beyond_the_end_of_a_row_changes_nothing(cell: Any, pooling: Any, both: bool) -> None:
    torch.manual_seed(0)
    spec = RecurrentSpec(words=9, embedding=4, hidden=5, layers=2, bidirectional=both, pooling=pooling, width=3)
    net = RecurrentNet(cell, spec).eval()
    tokens = torch.tensor([[2, 3, 4, 0, 0], [5, 6, 7, 8, 2], [3, 0, 0, 0, 0]])
    lengths = torch.tensor([3, 5, 1])
    together = net({"tokens": tokens, "lengths": lengths})
    for row, length in enumerate(lengths.tolist()):
        alone = net({"tokens": tokens[row : row + 1, :length], "lengths": lengths[row : row + 1]})
        assert torch.allclose(together[row], alone[0], atol=1e-6)


def test_it_is_the_bidirectional_lstm_of_torch() -> None:
    torch.manual_seed(0)
    stack = RecurrentStack(nn.LSTM, 4, RecurrentSpec(channels=4, hidden=5, bidirectional=True, width=1))
    whole = nn.LSTM(4, 5, batch_first=True, bidirectional=True)
    for name, weight in stack.forwards[0].named_parameters():
        whole.get_parameter(name).data = weight.data
    for name, weight in stack.backwards[0].named_parameters():
        whole.get_parameter(f"{name}_reverse").data = weight.data
    steps, lengths = torch.randn(3, 6, 4), torch.tensor([6, 2, 4])
    packed = nn.utils.rnn.pack_padded_sequence(steps, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = nn.utils.rnn.pad_packed_sequence(whole(packed)[0], batch_first=True)
    inside = (torch.arange(6) < lengths[:, None]).unsqueeze(2)
    assert torch.allclose(stack(steps, lengths) * inside, expected * inside, atol=1e-6)
