"""The Ray cluster on this machine: its environment, its start, its end. No Ray is imported here."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from dix.boot.instance import MARK, logs_folder
from dix.boot.tokens import ray_token_file
from dix.errors import PlatformError
from dix.serve.haproxy import haproxy_environment
from dix.settings import Settings

# Below `<folder>/session_2026-11-23_05-47-10_123456_1234567/sockets/plasma_store`, of at most 107 bytes.
_LONGEST_FOLDER = 107 - len("/session_2026-11-23_05-47-10_123456_1234567/sockets/plasma_store.pid") - 4
_END_GENTLY_S = 2.0
_END_LIMIT_S = 20.0
_KEPT_SESSIONS = 2
# Nothing that runs code of users may find them in its environment.
_SECRET = frozenset({"DIX_TOKEN", "DIX_OIDC_CLIENT_SECRET"})


@dataclass(frozen=True, slots=True)
class StartedRay:
    """A cluster that has been started: GCS address, address for `ray job submit`, process, folder."""

    address: str
    jobs_address: str
    pid: int
    folder: Path


def make_environment(settings: Settings, given: Mapping[str, str], id: str) -> dict[str, str]:
    """The environment of all that `dix up` starts: `given` without its Ray settings and without the door's secrets."""
    kept = {name: value for name, value in given.items() if not name.startswith("RAY_") and name not in _SECRET}
    more = {
        MARK: id,
        "DIX_HOME": str(settings.home),
        "DIX_STORE": settings.store_url,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(ray_token_file(settings)),
        "RAY_USAGE_STATS_ENABLED": "0",
        # Ray would hide all cards from a step that asks for none by setting the variable to nothing; Ray is about to
        # stop doing so, and warns until this is chosen.
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    }
    return kept | more


def join_environment(settings: Settings, given: Mapping[str, str], id: str) -> dict[str, str]:
    """The same for a cluster that is joined: its token is what the caller's environment says."""
    kept = {name: value for name, value in given.items() if name not in _SECRET | {"RAY_ADDRESS"}}
    return kept | {MARK: id, "DIX_HOME": str(settings.home), "DIX_STORE": settings.store_url, "RAY_AUTH_MODE": "token"}


def start_ray(settings: Settings, environment: Mapping[str, str]) -> StartedRay:
    """Start a head node on this machine's loopback; it may not answer yet when this returns."""
    folder = _ray_folder(settings)
    _remove_old_sessions(folder)
    ports = _find_free_ports(5)
    gcs, dashboard, agent_http, agent_grpc, metrics = ports
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--disable-usage-stats"]
    options = {
        "node-ip-address": "127.0.0.1",
        "port": gcs,
        "include-dashboard": "true",
        "dashboard-host": "127.0.0.1",
        "dashboard-port": dashboard,
        "dashboard-agent-listen-port": agent_http,
        "dashboard-agent-grpc-port": agent_grpc,
        "metrics-export-port": metrics,
        "temp-dir": folder,
        "num-cpus": settings.num_cpus,
        "num-gpus": settings.num_gpus,
    }
    command += [f"--{name}={value}" for name, value in options.items() if value is not None]
    with (logs_folder(settings) / "ray.log").open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 our own interpreter and options
            command,
            env={**environment, **haproxy_environment(settings.home / "front")},
            cwd=settings.home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return StartedRay(f"127.0.0.1:{gcs}", f"http://127.0.0.1:{dashboard}", process.pid, folder)


def is_alive(pid: int | None, id: str) -> bool:
    """Whether a process that was started under this mark still runs."""
    return pid is not None and any(process.pid == pid for process in find_marked(id))


def find_marked(id: str) -> list[psutil.Process]:
    """All processes of this account that carry the mark, whoever started them."""
    return [process for process in psutil.process_iter() if _carries(process, id)]


def end_marked(id: str) -> None:
    """End every process with the mark: all are asked to, and what does not end soon is killed.

    Nothing is lost by killing: what must be remembered is on disk before it is acted on. Raises PlatformError when
    something does not end.
    """
    family = _find_family(id)
    for process in family:
        _signal(process, signal.SIGTERM)
    psutil.wait_procs(family, timeout=_END_GENTLY_S)
    limit = time.monotonic() + _END_LIMIT_S
    while left := [process for process in {*family, *_find_others(id)} if _lives(process)]:
        if time.monotonic() > limit:
            names = ", ".join(f"{process.name()} ({process.pid})" for process in left[:5])
            raise PlatformError(f"these processes do not end: {names}")
        for process in left:
            _signal(process, signal.SIGKILL)
        psutil.wait_procs(left, timeout=1.0)


def _find_others(id: str) -> list[psutil.Process]:
    """Those with the mark but this one, which may have inherited it, and the one that called it."""
    return [process for process in find_marked(id) if process.pid not in {os.getpid(), os.getppid()}]


def _find_family(id: str) -> list[psutil.Process]:
    """Those, and what they have started: a process that gives itself a title may write over its mark."""
    family = set(_find_others(id))
    for process in tuple(family):
        with contextlib.suppress(psutil.Error):
            family.update(process.children(recursive=True))
    return [process for process in family if process.pid not in {os.getpid(), os.getppid()}]


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _signal(process: psutil.Process, number: int) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _carries(process: psutil.Process, id: str) -> bool:
    try:
        return process.environ().get(MARK) == id
    except (psutil.Error, OSError):
        return False


def _ray_folder(settings: Settings) -> Path:
    folder = settings.home / "ray"
    if len(os.fsencode(folder)) > _LONGEST_FOLDER:
        mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"dix-ray-{mark}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _remove_old_sessions(folder: Path) -> None:
    """Ray keeps the logs of each start for ever; two are enough to see what went wrong."""
    sessions = sorted(path for path in folder.glob("session_2*") if path.is_dir() and not path.is_symlink())
    for session in sessions[:-_KEPT_SESSIONS]:
        shutil.rmtree(session, ignore_errors=True)


def _find_free_ports(count: int) -> list[int]:
    """Ports that nobody has now; all held at once, so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
