"""Choose where torch computes: a slice's threads, or its GPU, there in mixed precision."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def choose_device(threads: int, gpus: float) -> torch.device:
    """The GPU when the slice has a share of one and there is one; otherwise the CPU with that many threads."""
    torch.set_num_threads(max(1, threads))
    return torch.device("cuda" if gpus > 0 and torch.cuda.is_available() else "cpu")


def use_mixed_precision(device: torch.device) -> AbstractContextManager[object]:
    """A context in which a GPU multiplies in 16 bits; on the CPU, where that is no faster, it changes nothing."""
    if device.type != "cuda":
        return nullcontext()
    return torch.autocast("cuda", dtype=torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16)


def needs_loss_scaling(device: torch.device) -> bool:
    """Whether the 16-bit floats of this GPU are so narrow that small gradients would vanish."""
    return device.type == "cuda" and not torch.cuda.is_bf16_supported()
