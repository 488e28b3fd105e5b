"""How fast an endpoint answers on loopback, beside a bare ASGI application that answers a constant.

    python tests/benchmarks/bench_online.py [--seconds S] [--clients N]

Starts a cluster of its own behind HAProxy, trains a small CNN on 8 x 8 images, deploys it with token and validation on,
and asks for one image at a time: with 16 clients for requests a second, with 1 client for the latency. Prints one line
for each and the ratio. Clients share the machine's cores with what they ask.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import shutil
import socket
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

TOKEN = "benchmark"
PARAMS = {"epochs": 5, "batch_size": 32, "learning_rate": 0.01, "channels": [16, 32], "hidden": 64}
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Result:
    """What one measurement saw."""

    requests_s: float
    p50_ms: float
    p99_ms: float
    failures: int


class Client(asyncio.Protocol):
    """Sends the same request again as soon as the answer is whole, on one connection, until the time is over."""

    def __init__(self, request: bytes, until: float, done: asyncio.Future[None]) -> None:
        self.request = request
        self.until = until
        self.done = done
        self.times: list[float] = []
        self.failures = 0
        self.data = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.data += data
        head = self.data.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self.data.lower().index(b"content-length:") + len(b"content-length:")
        if len(self.data) < head + 4 + int(self.data[at : self.data.index(b"\r\n", at)]):
            return
        now = time.perf_counter()
        self.times.append(now - self.began)
        self.failures += not self.data.startswith(b"HTTP/1.1 200")
        self.data = b""
        if now < self.until:
            self.send()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def load(port: int, request: bytes, clients: int, seconds: float) -> Result:
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [Client(request, began + seconds, loop.create_future()) for _ in range(clients)]
    for client in made:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)
    await asyncio.wait_for(asyncio.gather(*(client.done for client in made)), seconds + 10)
    times = sorted(took for client in made for took in client.times)
    elapsed = time.perf_counter() - began
    p99 = times[int(len(times) * 0.99)]
    return Result(len(times) / elapsed, 1e3 * statistics.median(times), 1e3 * p99, sum(c.failures for c in made))


def make_request(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Constant:
    """The floor: reads the body and answers the same bytes, with no token and no check."""

    def __serve_build_asgi_app__(self) -> Any:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "lifespan":
                while (await receive())["type"] != "lifespan.shutdown":
                    await send({"type": "lifespan.startup.complete"})
                await send({"type": "lifespan.shutdown.complete"})
                return
            while (await receive()).get("more_body"):
                pass
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"{}"})

        return application


def train(folder: Path) -> None:
    from dix.frameworks.intakes.images import fit_images
    from dix.frameworks.lookup import find_trainer
    from dix.frameworks.outcomes.classes import ClassesOutcome
    from dix.frameworks.training import Examples, TrainOrder

    chance = np.random.default_rng(1)
    targets = np.arange(200, dtype=np.int64) % 10
    images = (chance.integers(0, 40, (200, 8, 8)) + targets[:, None, None] * 20).astype(np.uint8)
    folder.mkdir()
    labels = tuple(str(i) for i in range(10))
    intake, outcome = fit_images(images, resized=False), ClassesOutcome(labels)
    order = TrainOrder("cnn", intake, outcome, Examples({"image": images}, targets), None, PARAMS, folder)
    find_trainer("cnn", "torch")(order, lambda position, progress=None, **metrics: None)


def start_cluster(folder: Path, port: int) -> None:
    from dix.serve.haproxy import haproxy_environment

    (folder / "token").write_text(os.urandom(32).hex())
    os.environ.update(
        haproxy_environment(folder / "f"),
        RAY_AUTH_MODE="token",
        RAY_AUTH_TOKEN_PATH=str(folder / "token"),
        RAY_USAGE_STATS_ENABLED="0",
        PYTHONPATH=str(ROOT) + ":" + os.environ.get("PYTHONPATH", ""),
    )
    import ray

    from dix.serve.ray_host import start_serve

    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, _temp_dir=str(folder / "t"))
    start_serve("127.0.0.1", port)


def deploy(folder: Path) -> None:
    from ray import serve

    from dix.records.endpoint import EndpointState
    from dix.records.model_version import ModelVersion
    from dix.records.moments import now
    from dix.registry.artifact import draft_model
    from dix.serve.host import ReplicaOrder
    from dix.serve.ray_host import RayHost
    from dix.store.choose import StoreOptions, open_store_with

    options = StoreOptions(f"file://{folder}/store")
    train(folder / "model")
    draft = draft_model(open_store_with(options), folder / "model", "digits", {})
    version = ModelVersion("digits", 1, "default", draft.uri, now(), manifest=draft.manifest)
    host = RayHost()
    host.start(ReplicaOrder("digits", version, options, hashlib.sha256(TOKEN.encode()).hexdigest()), 1)
    constant = serve.deployment(
        name="constant",
        ray_actor_options={"num_cpus": 0.1},
        max_ongoing_requests=1000,
        logging_config={"enable_access_log": False},
    )(serve.ingress()(Constant))
    serve.run(constant.bind(), name="constant", route_prefix="/v2/models/constant")
    limit = time.monotonic() + 60
    while host.look()["digits"].state is not EndpointState.READY:
        if time.monotonic() > limit:
            raise SystemExit(f"the endpoint does not start: {host.look()}")
        time.sleep(0.1)


def measure(port: int, clients: int, seconds: float) -> None:
    tensor = {"name": "image", "shape": [1, 8, 8], "datatype": "UINT8", "data": [7] * 64}
    body = json.dumps({"inputs": [tensor]}).encode()
    results: dict[tuple[str, int], Result] = {}
    for name in ("constant", "digits"):
        request = make_request(f"/v2/models/{name}/infer", body)
        asyncio.run(load(port, request, clients, 1.0))
        for count in (clients, 1):
            result = results[name, count] = asyncio.run(load(port, request, count, seconds))
            print(
                f"{name:9} {count:3} clients: {result.requests_s:7.0f} requests/s, p50 {result.p50_ms:.2f} ms, "
                f"p99 {result.p99_ms:.2f} ms, {result.failures} failed"
            )
    for count in (clients, 1):
        share = results["digits", count].requests_s / results["constant", count].requests_s
        print(f"the endpoint reaches {share:.2f} of the constant with {count} clients")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each of the four measurements")
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dixbench", dir="/tmp"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        start_cluster(folder, port)
        deploy(folder)
        measure(port, options.clients, min(options.seconds, 30.0))
    finally:
        import ray

        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
