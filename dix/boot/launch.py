"""One launch: Ray, the opening and the dashboard, started side by side under one mark."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from urllib.parse import urlsplit

from dix.boot.background import Background
from dix.boot.cluster import join_environment, make_environment, start_ray
from dix.boot.dashboard import start_dashboard
from dix.boot.instance import Instance, logs_folder, write_instance
from dix.boot.oidc import make_oidc
from dix.boot.opening import Opening
from dix.boot.tokens import get_token, hash_token
from dix.errors import DixError, PlatformError
from dix.records.failure import from_problem
from dix.settings import Settings, copy_environment

_OPENING_LIMIT_S = 240.0


class Launch:
    """`run` once. All that it starts carries `id` in its environment, so that it can be ended whatever happens."""

    def __init__(self, settings: Settings, host: str, port: int, say: Callable[[str], None]) -> None:
        self.id = secrets.token_hex(8)
        self._settings = settings
        self._host = host
        self._port = port
        self._say = say
        make = make_environment if settings.ray_address is None else join_environment
        self._environment = make(settings, copy_environment(), self.id)

    def run(self) -> Instance:
        """Start everything and return when the API and the dashboard answer."""
        instance = self._start_ray()
        write_instance(self._settings, instance)
        dashboard = Background(lambda: self._start_dashboard(instance))
        self._say("starting the catalog, the engine and the server")
        self._open(instance)
        instance = replace(instance, ui_pid=dashboard.wait())
        write_instance(self._settings, instance)
        return instance

    def _start_ray(self) -> Instance:
        """The instance as far as it is known when Ray has been started, or is to be joined."""
        settings, host = self._settings, bracket(shown_host(self._host))
        instance = Instance(
            id=self.id,
            store=settings.store_url,
            ray_address=settings.ray_address or "",
            api_address=f"http://{host}:{self._port}",
            ui_address=f"http://{host}:{settings.ui_port}",
        )
        if settings.ray_address is not None:
            self._say(f"joining Ray at {settings.ray_address}")
            return instance
        self._say("starting Ray")
        ray = start_ray(settings, self._environment)
        return replace(
            instance,
            ray_address=ray.address,
            ray_folder=str(ray.folder),
            jobs_address=ray.jobs_address,
            ray_pid=ray.pid,
        )

    def _start_dashboard(self, instance: Instance) -> int:
        settings = self._settings.model_copy(update={"address": instance.api_address})
        return start_dashboard(settings, self._host, settings.ui_port, logs_folder(settings), self._environment)

    def _open(self, instance: Instance) -> None:
        log = logs_folder(self._settings) / "opening.log"
        with log.open("ab") as errors:
            try:
                done = subprocess.run(
                    [sys.executable, "-m", "dix.boot.opening"],
                    input=json.dumps(asdict(self._make_opening(instance))).encode(),
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env=self._environment,
                    cwd=self._settings.home,
                    timeout=_OPENING_LIMIT_S,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise PlatformError(f"DI-X did not come up within {_OPENING_LIMIT_S:g} s; its log is {log}") from None
        if done.returncode != 0:
            raise _read_failure(done.stdout, str(log))

    def _make_opening(self, instance: Instance) -> Opening:
        settings = self._settings
        oidc = make_oidc(settings, instance.api_address, instance.ui_address)
        return Opening(
            ray_address=instance.ray_address,
            host=self._host,
            port=self._port,
            home=str(settings.home),
            store_url=settings.store_url,
            s3_endpoint=settings.s3_endpoint,
            s3_addressing=settings.s3_addressing,
            token_hash=hash_token(get_token(settings)),
            log_level=settings.log_level,
            facts={
                "store": instance.store,
                "api": instance.api_address,
                "ui": instance.ui_address,
                "ray": instance.ray_address,
            },
            oidc=asdict(oidc) if oidc else None,
            origins=list_origins(settings.public_ui_address or instance.ui_address),
        )


def list_origins(address: str) -> list[str]:
    """The origins of pages at an address; this machine has two names that people type."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    return [origin, origin.replace("127.0.0.1", "localhost")] if parts.hostname == "127.0.0.1" else [origin]


def shown_host(host: str) -> str:
    """Where this machine reaches what listens on `host`."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 compared with, not bound to


def bracket(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def _read_failure(output: bytes, log: str) -> DixError:
    lines = output.decode(errors="replace").strip().splitlines()
    try:
        return from_problem(json.loads(lines[-1]))
    except (IndexError, ValueError):
        return PlatformError(f"DI-X did not come up; its log is {log}")
