"""`dix doctor`: what is wrong with this installation, one finding for each thing that was looked at."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import unquote, urlsplit

import httpx
from packaging.requirements import Requirement

from dix.boot.cluster import find_marked
from dix.boot.instance import Instance, catalog_file, find_instance
from dix.errors import DixError
from dix.flow.units import tell_size
from dix.records.moments import now
from dix.settings import DEFAULT_ADDRESS, Settings
from dix.store.choose import open_store

Judgement: TypeAlias = Literal["ok", "warning", "problem"]

_GIB = 2**30
_LITTLE, _TOO_LITTLE = 10 * _GIB, _GIB
_SHARED_MEMORY = 256 * 2**20
_ANSWER_LIMIT_S = 5.0
# S3 refuses requests that are a quarter of an hour off.
_SKEW_S, _TOO_MUCH_SKEW_S = 30.0, 600.0
_PACKAGES = ("ray", "duckdb", "torch", "fastapi", "streamlit")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `todo` says what to do about a warning or a problem."""

    check: str
    state: Judgement
    message: str
    todo: str = ""


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Look at everything; changes nothing but for a small file in the store, which is taken away again."""
    instance = find_instance(settings)
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _check_home(settings.home),
        lambda: _check_secrets(settings.home),
        lambda: _check_disk(settings),
        lambda: _check_catalog(settings.home),
        lambda: _check_store(settings),
        lambda: _check_clock(settings),
        _check_packages,
        _check_memory,
        lambda: _check_running(instance) if instance else _check_ports(settings),
    )
    return tuple(finding for check in checks for finding in check())


def _check_home(home: Path) -> Iterator[Finding]:
    if not home.exists():
        yield Finding("home", "ok", f"{home} is not there yet; `dix up` makes it")
        return
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o022:
        yield Finding("home", "problem", f"{home} can be written to by others", f"chmod 700 {home}")
    elif mode & 0o055:
        yield Finding("home", "warning", f"{home} can be read by others", f"chmod 700 {home}")
    else:
        yield Finding("home", "ok", f"{home} is its owner's alone")


def _check_secrets(home: Path) -> Iterator[Finding]:
    """Small files directly in the folder that hold a token, a session or a key."""
    found = [path for word in ("token", "session", "key") for path in home.glob(f"*{word}*") if path.is_file()]
    for path in found:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding("tokens", "problem", f"{path} can be read by others", f"chmod 600 {path}, and renew it")
            return
    yield Finding("tokens", "ok", f"{len(found)} files with tokens, none that others can read")


def _check_disk(settings: Settings) -> Iterator[Finding]:
    for name, place in (("home", settings.home), ("store", _find_folder(settings))):
        if place is None:
            continue
        there = _find_existing(place)
        free = shutil.disk_usage(there).free
        state: Judgement = "problem" if free < _TOO_LITTLE else "warning" if free < _LITTLE else "ok"
        todo = "" if state == "ok" else "make room, or move it to a larger disk"
        yield Finding("disk", state, f"{tell_size(free)} free where the {name} lies ({there})", todo)


def _check_catalog(home: Path) -> Iterator[Finding]:
    path = catalog_file(home)
    if not path.exists():
        yield Finding("catalog", "ok", "there is none yet; `dix up` makes it")
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding("catalog", "problem", f"{path} can be read by others", f"chmod 600 {path}")
    else:
        yield Finding("catalog", "ok", f"{path} has {tell_size(path.stat().st_size)}; `dix backup FILE` copies it")


def _check_store(settings: Settings) -> Iterator[Finding]:
    folder = _find_folder(settings)
    if folder is not None and not folder.exists():
        above = _find_existing(folder)
        if os.access(above, os.W_OK):
            yield Finding("store", "ok", f"{settings.store_url} is not there yet, and can be made")
        else:
            yield Finding(
                "store", "problem", f"{settings.store_url} cannot be made in {above}", "choose another --store"
            )
        return
    probe = f"dix/doctor-{secrets.token_hex(8)}"
    began = time.monotonic()
    try:
        store = open_store(settings)
        store.write_bytes(probe, b"dix doctor")
        same = store.read_bytes(probe) == b"dix doctor"
        store.delete(probe)
    except (DixError, OSError) as error:
        yield Finding("store", "problem", str(error), "see the section on stores in the README")
        return
    took_ms = (time.monotonic() - began) * 1000
    if not same:
        yield Finding("store", "problem", f"{settings.store_url} does not give back what was written")
    else:
        yield Finding("store", "ok", f"{settings.store_url} takes, gives and deletes a file in {took_ms:.0f} ms")


def _find_folder(settings: Settings) -> Path | None:
    """Where a store on this machine's disk lies."""
    parts = urlsplit(settings.store_url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _find_existing(place: Path) -> Path:
    return next(path for path in (place, *place.parents) if path.exists())


def _check_clock(settings: Settings) -> Iterator[Finding]:
    """By the files that are there, and by the S3 server where there is one."""
    catalog = catalog_file(settings.home)
    behind = catalog.stat().st_mtime - time.time() if catalog.exists() else 0.0
    off = max(behind, 0.0)
    if settings.s3_endpoint is not None:
        off = max(off, _measure_skew(settings.s3_endpoint))
    if off > _SKEW_S:
        state: Judgement = "problem" if off > _TOO_MUCH_SKEW_S else "warning"
        yield Finding("clock", state, f"the clock is {off:.0f} s off", "set it by NTP")
    else:
        yield Finding("clock", "ok", f"{now():%Y-%m-%d %H:%M:%S} UTC")


def _measure_skew(address: str) -> float:
    """How far the clock of a server is from ours; 0 when it does not say."""
    try:
        given = httpx.head(address, timeout=_ANSWER_LIMIT_S).headers["date"]
        return abs((parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds())
    except (httpx.HTTPError, KeyError, ValueError):
        return 0.0


def _check_packages() -> Iterator[Finding]:
    """Whether the versions that are installed are those that DI-X says it wants."""
    try:
        wanted = {each.name: each for each in map(Requirement, requires("dix") or ()) if each.marker is None}
    except PackageNotFoundError:
        wanted = {}
    told = []
    for name in _PACKAGES:
        try:
            have = version(name)
        except PackageNotFoundError:
            yield Finding("packages", "problem", f"{name} is not installed", "install dix again")
            continue
        if name in wanted and not wanted[name].specifier.contains(have, prereleases=True):
            yield Finding("packages", "warning", f"{name} {have}, not {wanted[name].specifier}", "install dix again")
        told.append(f"{name} {have}")
    yield Finding("packages", "ok", ", ".join(told))


def _check_memory() -> Iterator[Finding]:
    """Ray keeps its objects in shared memory."""
    try:
        free = shutil.disk_usage("/dev/shm").free  # noqa: S108 looked at, not written to
    except OSError:
        return
    if free < _SHARED_MEMORY:
        todo = "start the container with a larger --shm-size"
        yield Finding("memory", "warning", f"{tell_size(free)} free in /dev/shm, which is little for Ray", todo)
    else:
        yield Finding("memory", "ok", f"{tell_size(free)} free in /dev/shm")


def _check_running(instance: Instance) -> Iterator[Finding]:
    processes = len(find_marked(instance.id))
    if not processes:
        yield Finding("processes", "problem", "none of what `dix up` started runs any more", "`dix up` starts it again")
    else:
        yield Finding("processes", "ok", f"{processes} run")
    for name, place, path in (
        ("api", instance.api_address, "/api/v1/health"),
        ("dashboard", instance.ui_address, "/_stcore/health"),
    ):
        try:
            is_well = httpx.get(f"{place}{path}", timeout=_ANSWER_LIMIT_S, trust_env=False).is_success
        except httpx.HTTPError:
            is_well = False
        if is_well:
            yield Finding(name, "ok", f"{place} answers")
        else:
            yield Finding(name, "problem", f"{place} does not answer", "`dix up` starts it again; logs lie in DIX_HOME")


def _check_ports(settings: Settings) -> Iterator[Finding]:
    """Whether `dix up` could listen where it would."""
    api = urlsplit(settings.address or DEFAULT_ADDRESS).port or 80
    for name, port, option in (("api", api, "--api-port"), ("dashboard", settings.ui_port, "--ui-port")):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                message = f"port {port} cannot be used: {error.strerror}"
                yield Finding(name, "problem", message, f"`dix up {option} PORT` takes another one")
            else:
                yield Finding(name, "ok", f"DI-X is down, and port {port} is free")
