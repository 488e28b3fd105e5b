"""Leaves a Ray cluster that belongs to somebody else: run as a process of its own in Ray's environment."""

from __future__ import annotations

import json
import logging
import sys


def main() -> int:
    """0 when nothing of ours is left there; what others run on it, Serve applications too, goes on."""
    import ray
    from ray import serve

    from dix.boot.control import APPLICATION
    from dix.catalog.owner import stop_owner
    from dix.engine.supervisor import stop_supervisor
    from dix.schedule.scheduler import stop_scheduler
    from dix.serve.ray_host import RayHost
    from dix.sweep.sweeper import stop_sweeper

    address = json.load(sys.stdin)["ray_address"]
    ray.init(address=address, namespace="dix", log_to_driver=False, logging_level=logging.WARNING)
    host = RayHost()
    for endpoint in host.look():
        host.stop(endpoint)
    serve.delete(APPLICATION)
    if not serve.status().applications:  # nobody else uses it
        serve.shutdown()  # type: ignore[no-untyped-call]
    stop_scheduler()
    stop_sweeper()
    stop_supervisor()
    stop_owner()
    return 0


if __name__ == "__main__":
    sys.exit(main())
