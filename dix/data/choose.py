"""Choose where bulk prediction runs."""

from __future__ import annotations

import sys

from dix.data.bulk import Bulk


def choose_bulk() -> Bulk:
    """On Ray Data where this process belongs to a Ray cluster, in this process otherwise."""
    ray = sys.modules.get("ray")
    if ray is not None and ray.is_initialized():
        from dix.data.bulk_ray import predict_with_ray

        return predict_with_ray
    from dix.data.bulk_process import predict_in_process

    return predict_in_process
