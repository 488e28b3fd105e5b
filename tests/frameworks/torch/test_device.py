"""The slice decides where torch computes."""

from __future__ import annotations

import pytest
import torch

from dix.frameworks.torch.device import choose_device, needs_loss_scaling, use_mixed_precision


def test_a_slice_without_a_gpu_computes_on_its_threads() -> None:
    before = torch.get_num_threads()
    try:
        assert choose_device(1, 0.0).type == "cpu"
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


def test_the_cpu_computes_in_full_precision() -> None:
    device = torch.device("cpu")
    with use_mixed_precision(device):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
    assert not needs_loss_scaling(device)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_gpu_multiplies_in_sixteen_bits() -> None:
    device = choose_device(1, 1.0)
    assert device.type == "cuda"
    with use_mixed_precision(device):
        square = torch.ones(2, 2, device=device)
        assert (square @ square).dtype in (torch.bfloat16, torch.float16)
