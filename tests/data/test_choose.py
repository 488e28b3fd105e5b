"""Bulk prediction runs where the process is."""

from __future__ import annotations

import pytest

from dix.data.bulk_process import predict_in_process
from dix.data.bulk_ray import predict_with_ray
from dix.data.choose import choose_bulk


def test_a_process_without_a_cluster_predicts_itself() -> None:
    assert choose_bulk() is predict_in_process


@pytest.mark.ray
def test_a_process_on_a_cluster_chooses_ray(local_ray: str) -> None:
    assert choose_bulk() is predict_with_ray
