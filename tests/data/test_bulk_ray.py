"""Bulk prediction on a Ray cluster of one CPU, where a pool that takes too much would never start."""

from __future__ import annotations

import pytest

from dix.data.bulk import Bulk
from dix.data.bulk_ray import predict_with_ray, shape_pool
from tests.contracts.bulk_contract import BulkContract


@pytest.mark.ray
class TestBulkOnRay(BulkContract):
    @pytest.fixture
    def bulk(self, local_ray: str) -> Bulk:
        return predict_with_ray


@pytest.mark.parametrize(
    ("cpus", "cluster", "workers"), [(0.5, 2, 1), (1, 1, 1), (2, 2, 2), (2.5, 8, 2), (16, 4, 16), (1, 64, 1)]
)
def test_a_pool_never_takes_all_of_a_cluster(cpus: float, cluster: float, workers: int) -> None:
    pool = shape_pool(cpus, 0, cluster)
    assert pool.workers == workers
    assert pool.workers * pool.cpus_each <= min(cpus, cluster * 0.9) + 1e-3
    assert pool.cpus_each > 0


def test_a_gpu_is_used_by_one_process() -> None:
    pool = shape_pool(4, 0.5, 16)
    assert (pool.workers, pool.gpus_each, pool.threads_each) == (1, 0.5, 4)
