"""A real HTTP server over real parts: DuckDB, a folder as the store, and stand-ins where a cluster would be."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from dix.access.provider import OidcOptions
from dix.api.app import make_app
from dix.api.parts import Parts
from dix.catalog.direct import DirectCatalog
from dix.flow.spec import AlgorithmSpecs
from dix.registry.registry import Registry
from dix.settings import Settings
from dix.store.choose import open_store
from dix.sweep.desk import SweepDesk
from tests.api.fakes import CNN, FakeCluster, FakeDeployer, FakeEngine, FakeScheduler, FakeSweeper

TOKEN = "a-token-for-tests"
DASHBOARD = "http://127.0.0.1:8501"
FLOW = """\
dix: 1
name: digits
description: 数字
params: {epochs: 3}
nodes:
  train_set: {kind: data, uri: digits/train.parquet}
  cnn:
    kind: algorithm
    algorithm: cnn
    framework: torch
    inputs: {train: train_set}
    params: {epochs: "{{ params.epochs }}"}
    model: digits
"""


@dataclass(frozen=True)
class Server:
    """Where the server is, and what it stands on."""

    url: str
    parts: Parts
    engine: FakeEngine
    deployer: FakeDeployer

    def open(self, token: str | None = TOKEN) -> httpx.Client:
        """Plain HTTP to it."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False)


def make_parts(folder: Path, oidc: OidcOptions | None = None, specs: AlgorithmSpecs | None = None) -> Parts:
    """Fresh parts in a folder."""
    specs = specs or {"cnn": CNN}
    catalog = DirectCatalog(folder / "catalog.duckdb")
    (folder / "store").mkdir(exist_ok=True)
    store = open_store(Settings(home=folder, store=f"file://{folder}/store"))
    engine = FakeEngine(catalog, specs)
    return Parts(
        catalog=catalog,
        engine=engine,
        store=store,
        registry=Registry(catalog.models, store, folder / "cache"),
        deployer=FakeDeployer(),
        scheduler=FakeScheduler(catalog, engine),
        sweeps=SweepDesk(catalog, engine, FakeSweeper(catalog, engine), specs),
        specs=specs,
        cluster=FakeCluster(),
        token_hash=hashlib.sha256(TOKEN.encode()).hexdigest(),
        oidc=oidc,
        origins=(DASHBOARD,),
    )


@contextmanager
def run_server(folder: Path, oidc: OidcOptions | None = None, specs: AlgorithmSpecs | None = None) -> Iterator[Server]:
    """A server on a free port, until the block ends."""
    parts = make_parts(folder, oidc, specs)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(make_app(parts), log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        _wait_until_up(server)
        assert isinstance(parts.engine, FakeEngine)
        assert isinstance(parts.deployer, FakeDeployer)
        yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}", parts, parts.engine, parts.deployer)
    finally:
        server.should_exit = True
        thread.join(10)
        parts.catalog.close()


def _wait_until_up(server: uvicorn.Server) -> None:
    limit = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < limit, "the server did not start in 20 s"
        threading.Event().wait(0.01)
