"""A real Ray cluster on this machine for tests, with a token of its own and nothing left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def local_ray() -> Iterator[str]:
    """A cluster of one node with one CPU, for the tests of one module; its address (`host:port`).

    Ray's token authentication is on, with a token made for this cluster: `~/.ray` is neither read nor written. Ray's
    folder is a short one under /tmp, because the paths of its Unix sockets are limited to 107 bytes.
    """
    import ray

    with _own_environment() as folder:
        try:
            context = ray.init(
                address="local",
                num_cpus=1,
                num_gpus=0,
                include_dashboard=False,
                object_store_memory=100 * 1024 * 1024,
                log_to_driver=False,
                _temp_dir=str(folder / "t"),
            )
            yield str(context.address_info["gcs_address"])
        finally:
            ray.shutdown()


@pytest.fixture(scope="module")
def two_machines() -> Iterator[str]:
    """The same with two machines of one CPU each, as far as Ray can tell; its address."""
    import ray
    from ray.cluster_utils import Cluster

    store = {"object_store_memory": 100 * 1024 * 1024}
    with _own_environment() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", str(folder))  # Ray writes down there where the cluster is
        (folder / "ray").mkdir()
        cluster = Cluster()
        try:
            cluster.add_node(num_cpus=1, num_gpus=0, include_dashboard=False, **store)
            cluster.add_node(num_cpus=1, num_gpus=0, **store)
            ray.init(address=cluster.address, log_to_driver=False)
            yield cluster.address
        finally:
            ray.shutdown()
            cluster.shutdown()


@contextmanager
def _own_environment() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="dixray", dir="/tmp"))
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("RAY_")]:
            patch.delenv(name)
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN_PATH", str(_write_token(folder)))
        # Workers import the code under test from where it lies.
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        _read_environment_again()
        yield folder
    _read_environment_again()
    shutil.rmtree(folder, ignore_errors=True)


def _write_token(folder: Path) -> Path:
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(os.urandom(32).hex())
    return token


def _read_environment_again() -> None:
    """Ray reads its variables once, when it is imported, which an earlier test may have done; it has no public door."""
    from ray._raylet import AuthenticationTokenLoader, Config

    Config.initialize("")
    AuthenticationTokenLoader.instance().reset_cache()
