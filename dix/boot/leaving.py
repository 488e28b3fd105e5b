"""Leaves a Ray cluster that belongs to somebody else: run as a process of its own in Ray's environment."""

from __future__ import annotations

import json
import sys


def main() -> int:
    """0 when nothing of ours is left there."""
    import ray
    from ray import serve

    from dix.catalog.owner import stop_owner
    from dix.engine.supervisor import stop_supervisor

    ray.init(address=json.load(sys.stdin)["ray_address"], namespace="dix", log_to_driver=False)
    serve.shutdown()  # type: ignore[no-untyped-call]
    stop_supervisor()
    stop_owner()
    return 0


if __name__ == "__main__":
    sys.exit(main())
