"""`dix down`: ends what `dix up` started, and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from dix.boot.cluster import end_marked, join_environment
from dix.boot.instance import Instance, find_instance, forget_instance, logs_folder, only_one
from dix.engine.badge import clear_dead_hosts
from dix.errors import PlatformError
from dix.serve.haproxy import front_folder
from dix.settings import Settings, copy_environment

_LEAVING_LIMIT_S = 60.0


def stop(settings: Settings) -> bool:
    """End everything; False when nothing was up. A cluster that was joined goes on, without our actors and endpoints.

    Raises PlatformError when a process does not end.
    """
    with only_one(settings):
        instance = find_instance(settings)
        if instance is None:
            return False
        if instance.has_joined:
            _leave(settings, instance.ray_address, instance.id)
        end_marked(instance.id)
        clear_dead_hosts()
        _clear_away(settings, instance)
        forget_instance(settings)
        return True


def _clear_away(settings: Settings, instance: Instance) -> None:
    """Remove the folders that had to lie outside DIX_HOME, because the paths of sockets are short."""
    outside = [front_folder(settings.home / "front"), Path(instance.ray_folder or settings.home)]
    for folder in outside:
        if not folder.is_relative_to(settings.home):
            shutil.rmtree(folder, ignore_errors=True)


def _leave(settings: Settings, address: str, id: str) -> None:
    """Take our actors and applications off a cluster that goes on."""
    log = logs_folder(settings) / "opening.log"
    with log.open("ab") as errors:
        done = subprocess.run(
            [sys.executable, "-m", "dix.boot.leaving"],
            input=json.dumps({"ray_address": address}).encode(),
            stdout=errors,
            stderr=errors,
            env=join_environment(settings, copy_environment(), id),
            cwd=settings.home,
            timeout=_LEAVING_LIMIT_S,
            check=False,
        )
    if done.returncode != 0:
        raise PlatformError(f"the cluster at {address} could not be left; what happened is in {log}")
