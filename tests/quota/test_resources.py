"""What quotas are given for, and how amounts are read and told."""

from __future__ import annotations

import pytest

from dix.errors import BadValue
from dix.quota.resources import check_resource, read_amount, tell


@pytest.mark.parametrize("name", ["cpu", "gpu", "gpu:H100", "gpu:RTX-4090", "memory", "disk", "runs", "steps"])
def test_what_can_have_a_quota(name: str) -> None:
    assert check_resource(name) == name


@pytest.mark.parametrize(("name", "near"), [("gpus", "gpu"), ("mem", "memory"), ("gpu:", ""), ("fpga", "")])
def test_what_cannot_is_refused_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(BadValue, match=f"did you mean {near}" if near else "expected cpu, gpu, memory"):
        check_resource(name)


def test_amounts_are_read_with_their_units_and_told_with_their_words() -> None:
    assert (read_amount("memory", "64GiB"), read_amount("gpu", "500m"), read_amount("runs", 3)) == (2.0**36, 0.5, 3)
    assert tell("memory", 2.0**36) == "64 GiB memory"
    assert tell("gpu:H100", 2) == "2 GPU of type H100"
    assert tell("runs", 3) == "3 concurrent runs"


@pytest.mark.parametrize(("name", "value"), [("runs", 1.5), ("gpu", -1), ("memory", "many"), ("steps", True)])
def test_a_wrong_amount_is_refused(name: str, value: object) -> None:
    with pytest.raises(BadValue, match=f"quotas.{name}"):
        read_amount(name, value)
