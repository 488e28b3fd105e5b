"""A real cluster with Serve behind its front, a store with a trained model, and a client."""

import hashlib
import http.client
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from dix.records.model_version import ModelVersion
from dix.registry.registry import Registry
from dix.serve.deployer import Deployer, Premises
from dix.serve.haproxy import haproxy_environment
from dix.store.choose import StoreOptions, open_store_with

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-for-tests"


class Control:
    """In the place of the control application: answers every path that no endpoint has, and deploys when asked."""

    def __init__(self, store: StoreOptions) -> None:
        self._deployer = make_deployer(store)

    def __serve_build_asgi_app__(self):
        async def application(scope, receive, send):
            await self._answer(scope, receive, send)

        return application

    async def _answer(self, scope, receive, send):
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        said = {"control": scope["path"]}
        if scope["path"].startswith("/deploy/"):
            import asyncio

            _, _, name, version = scope["path"].split("/")
            endpoint = await asyncio.to_thread(self._deployer.deploy, name, f"models:/digits/{version}")
            said["state"] = endpoint.state.value
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})


@dataclass
class Place:
    """Where everything is, and a way to ask."""

    port: int
    front: Path
    deployer: Deployer
    registry: Registry
    folder: Path

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(
        self,
        path: str,
        body: Any = None,
        token: str | None = TOKEN,
        connection: http.client.HTTPConnection | None = None,
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        used = connection or self.connect()
        used.request("GET" if body is None else "POST", path, data, headers)
        response = used.getresponse()
        text = response.read()
        if connection is None:
            used.close()
        return response.status, json.loads(text)


def make_deployer(store: StoreOptions) -> Deployer:
    """Put together from what the cluster knows, in whichever process."""
    from dix.catalog.proxy import ProxyCatalog
    from dix.serve.ray_host import RayHost

    catalog = ProxyCatalog()
    premises = Premises(store, hashlib.sha256(TOKEN.encode()).hexdigest())
    registry = Registry(catalog.models, open_store_with(store))
    return Deployer(catalog.endpoints, registry, RayHost(), premises, timeout_s=60)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    import ray
    from ray import serve

    from dix.catalog.owner import start_owner, stop_owner
    from dix.catalog.proxy import ProxyCatalog
    from dix.serve.ray_host import start_serve

    folder = Path(tempfile.mkdtemp(prefix="dixserve", dir="/tmp"))
    port = _find_free_port()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("RAY_")]:
            patch.delenv(name)
        token = folder / "token"
        token.touch(mode=0o600)
        token.write_text(os.urandom(32).hex())
        environment = {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(token),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            **haproxy_environment(folder / "f"),
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        _read_environment_again()
        try:
            ray.init(
                address="local",
                num_cpus=2,
                num_gpus=0,
                include_dashboard=False,
                object_store_memory=100 * 1024 * 1024,
                log_to_driver=False,
                _temp_dir=str(folder / "t"),
                _node_ip_address="127.0.0.1",
            )
            start_owner(folder / "catalog.duckdb")
            start_serve("127.0.0.1", port)
            options = StoreOptions(f"file://{folder}/store")
            registry = Registry(ProxyCatalog().models, open_store_with(options))
            control = serve.deployment(name="control", ray_actor_options={"num_cpus": 0.1})(serve.ingress()(Control))
            serve.run(control.bind(options), name="control", route_prefix="/")
            yield Place(port, folder / "f", make_deployer(options), registry, folder)
            stop_owner()
        finally:
            ray.shutdown()
    _read_environment_again()
    wait_until(lambda: not find_fronts(folder), 10)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def versions(place: Place) -> tuple[ModelVersion, ...]:
    """Three versions of a model that tells dark 4 x 4 images from light ones."""
    import numpy as np

    from dix.frameworks.intakes.images import fit_images
    from dix.frameworks.lookup import find_trainer
    from dix.frameworks.outcomes.classes import ClassesOutcome
    from dix.frameworks.training import Examples, TrainOrder

    chance = np.random.default_rng(7)
    targets = np.arange(64, dtype=np.int64) % 2
    images = (chance.integers(0, 60, (64, 4, 4)) + targets[:, None, None] * 180).astype(np.uint8)
    made = place.folder / "made"
    made.mkdir()
    params = {"epochs": 8, "batch_size": 16, "channels": [4], "hidden": 8, "learning_rate": 0.01}
    examples = Examples({"image": images}, targets)
    intake, outcome = fit_images(images, resized=False), ClassesOutcome(("dark", "light"))
    order = TrainOrder("cnn", intake, outcome, examples, None, params, made)
    find_trainer("cnn", "torch")(order, lambda position, progress=None, **metrics: None)
    drafts = [place.registry.draft(made, "digits", {}) for _ in range(3)]
    return tuple(place.registry.register(draft, "default") for draft in drafts)


def wait_until(holds: Callable[[], bool], limit_s: float = 20) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def find_fronts(folder: Path) -> list[psutil.Process]:
    """The HAProxy processes that work with files in a folder."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in word and word.endswith("haproxy.cfg") for word in process.info["cmdline"] or ())
    ]


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _read_environment_again() -> None:
    """Ray reads its variables once, when it is imported, which an earlier test may have done; it has no public door."""
    from ray._raylet import AuthenticationTokenLoader, Config

    Config.initialize("")
    AuthenticationTokenLoader.instance().reset_cache()
