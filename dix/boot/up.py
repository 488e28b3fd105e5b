"""`dix up`: brings DI-X up on this machine, or joins it to a Ray cluster; does nothing where it runs already."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx

from dix.boot.cluster import end_marked, find_marked, is_alive
from dix.boot.instance import Instance, find_instance, forget_instance, only_one
from dix.boot.launch import Launch
from dix.boot.oidc import make_oidc
from dix.boot.tokens import get_token
from dix.errors import BadValue, Conflict, StoreError
from dix.settings import DEFAULT_ADDRESS, Settings
from dix.store.choose import open_store

_HEALTH_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What is said on the command line alone: where the API and the dashboard listen."""

    host: str | None = None
    api_port: int | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """What is up now; `was_up` says that it was before. `ui` lets one browser in, once, without name and password."""

    api: str
    ui: str
    store: str
    ray: str
    home: str
    was_up: bool


def start(settings: Settings, options: UpOptions | None = None, say: Callable[[str], None] = lambda _: None) -> Started:
    """Bring everything up and return when the API and the dashboard answer; `say` hears what is being done.

    Raises BadValue for a port that is taken, Conflict when it is up with another store, StoreError when the store
    cannot be used, PlatformError when something does not start (nothing is left running then).
    """
    host, port = _choose_address(settings, options or UpOptions())
    with only_one(settings):
        found = find_instance(settings)
        if found is not None and _is_up(found):
            _check_same(found, settings)
            return _started(found, settings, was_up=True)
        if found is not None:
            say("clearing away what is left of an earlier start")
            end_marked(found.id)
            forget_instance(settings)
        make_oidc(settings, DEFAULT_ADDRESS, DEFAULT_ADDRESS)  # what is wrong with it is said before anything starts
        _check_port(host, port)
        say(f"opening the store {settings.store_url}")
        _check_store(settings)
        instance = _bring_up(settings, host, port, say)
        return _started(instance, settings, was_up=False)


def _bring_up(settings: Settings, host: str, port: int, say: Callable[[str], None]) -> Instance:
    launch = Launch(settings, host, port, say)
    try:
        return launch.run()
    except BaseException:
        end_marked(launch.id)
        forget_instance(settings)
        raise


def _choose_address(settings: Settings, options: UpOptions) -> tuple[str, int]:
    """From the options, else from DIX_ADDRESS, else the default."""
    given = urlsplit(settings.address or DEFAULT_ADDRESS)
    if given.scheme != "http" or not given.hostname:
        raise BadValue("DIX_ADDRESS", "an address as http://127.0.0.1:8000", settings.address)
    return options.host or given.hostname, options.api_port or given.port or 80


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except socket.gaierror:
            raise BadValue("host", "an address of this machine", host, "try 127.0.0.1, or 0.0.0.0 for all") from None
        except OSError as error:
            raise BadValue("api port", "a port that is free", port, f"{error.strerror}; try --api-port") from None


def _check_store(settings: Settings) -> None:
    """A store that cannot be used is said now, not in the middle of the first run."""
    store = open_store(settings)
    try:
        store.write_bytes("dix/store.json", b'{"format": 1}\n')
    except OSError as error:
        raise StoreError(settings.store_url, str(error)) from None


def _is_up(instance: Instance) -> bool:
    try:
        answer = httpx.get(f"{instance.api_address}/api/v1/health", timeout=_HEALTH_LIMIT_S, trust_env=False)
    except httpx.HTTPError:
        return False
    is_ours = instance.has_joined or is_alive(instance.ray_pid, instance.id)
    return answer.is_success and is_ours and bool(find_marked(instance.id))


def _check_same(instance: Instance, settings: Settings) -> None:
    if settings.store is not None and settings.store_url != instance.store:
        raise Conflict("DI-X", f"of {settings.home}", f"up with the store {instance.store}", "given another one")


def _started(instance: Instance, settings: Settings, *, was_up: bool) -> Started:
    return Started(
        api=instance.api_address,
        ui=_make_visit(instance, get_token(settings)),
        store=instance.store,
        ray=instance.ray_address,
        home=str(settings.home),
        was_up=was_up,
    )


def _make_visit(instance: Instance, token: str) -> str:
    """The dashboard's address with a code for whoever brings it up; without one, it asks who comes."""
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = httpx.post(f"{instance.api_address}/api/v1/codes", json={}, headers=headers, trust_env=False)
    except httpx.HTTPError:
        return instance.ui_address
    return (
        f"{instance.ui_address}/?login={quote(answer.json()['secret'])}" if answer.is_success else instance.ui_address
    )
