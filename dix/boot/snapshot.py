"""Has the running owner copy the catalog; a process of its own, in Ray's environment, started by `dix backup`.

It reads a `Wanted` as JSON from standard input. Why it failed stands in the last line of its standard error.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass
from pathlib import Path

from dix.errors import DixError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cluster the owner runs in, and where the copy shall lie."""

    ray_address: str
    path: str


def main() -> int:
    """0 when the copy is there, 1 otherwise."""
    wanted = Wanted(**json.load(sys.stdin))
    import ray

    from dix.catalog.proxy import ProxyCatalog

    try:
        ray.init(address=wanted.ray_address, namespace="dix", log_to_driver=False, logging_level=logging.ERROR)
        ProxyCatalog(timeout_s=300.0).save_snapshot(Path(wanted.path))
    except (DixError, ConnectionError, RuntimeError) as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
