"""Amounts are said the way people read them."""

from __future__ import annotations

import pytest

from ui.parts.amounts import say_amount, say_bytes


@pytest.mark.parametrize(("size", "said"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2**62, "4096.0 PiB")])
def test_a_size_has_the_unit_that_fits(size: int, said: str) -> None:
    assert say_bytes(size) == said


def test_memory_is_said_in_bytes_and_cores_in_numbers() -> None:
    assert say_amount("memory", 2**30) == "1.0 GiB"
    assert say_amount("gpu:H100", 0.5) == "0.5"
