"""What of an installation listens where, as the operating system says it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from urllib.parse import urlsplit

import psutil

from dix.boot.instance import Instance

_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 compared with, not bound to
ALL = "all interfaces"


def list_listeners(processes: Iterable[psutil.Process], instance: Instance) -> list[str]:
    """One line for each address and port, `127.0.0.1:8000 the API`, the ones for people first."""
    known = {
        _read_port(instance.api_address): "the API and the endpoints",
        _read_port(instance.ui_address): "the dashboard",
        _read_port(f"//{instance.ray_address}"): "Ray's control store",
        _read_port(instance.jobs_address): "Ray's jobs and its dashboard",
    }
    found: dict[tuple[bool, int, str], str] = {}
    for process in processes:
        for host, port in _find_ports(process):
            what = known.get(port) or f"Ray's {_name(process)}"
            place = ALL if host in _EVERYWHERE else host
            found.setdefault((port not in known, port, place), what)
    return [f"{place}:{port} {what}" for (_, port, place), what in sorted(found.items())]


def _find_ports(process: psutil.Process) -> list[tuple[str, int]]:
    with contextlib.suppress(psutil.Error, OSError):
        connections = process.net_connections(kind="inet")
        return [(one.laddr.ip, one.laddr.port) for one in connections if one.status == psutil.CONN_LISTEN]
    return []


def _name(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return process.name().partition("::")[0]
    return "process"


def _read_port(address: str | None) -> int | None:
    try:
        return urlsplit(address or "").port
    except ValueError:
        return None
