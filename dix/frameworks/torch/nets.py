"""Find the kind of net that an algorithm trains."""

from __future__ import annotations

from dix.frameworks.torch.design import Design

NETS = ("cnn",)


def find_design(algorithm: str) -> Design:
    """The design of one of `NETS`."""
    from dix.frameworks.torch.cnn import CNN

    return {"cnn": CNN}[algorithm]
