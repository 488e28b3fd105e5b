"""A real S3 server that refuses, lacks the bucket, goes away or never answers: one sentence each, and soon."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dix.errors import BadValue, BucketMissing, NotFound, StoreDenied, StoreError, StoreUnreachable
from dix.store import s3_client
from dix.store.media import connect_s3
from dix.store.options import StoreOptions
from dix.store.s3_client import LiteralS3FileSystem
from dix.store.store import Store
from tests.fixtures_s3 import S3Server, start_s3_server

pytestmark = pytest.mark.s3


@pytest.fixture(autouse=True)
def fresh_connections() -> Iterator[None]:
    """Connections keep the credentials that they were made with."""
    connect_s3.cache_clear()
    yield
    connect_s3.cache_clear()


def try_everything(store: Store, local: Path) -> Iterator[StoreError]:
    """The error of each thing that one can ask of a store."""
    (local / "src").mkdir(exist_ok=True)
    (local / "src" / "a").write_text("1")
    for ask in (
        lambda: store.exists("a"),
        lambda: store.list_files("a"),
        lambda: store.list_folder("a"),
        lambda: store.open("a"),
        lambda: store.read_bytes("a"),
        lambda: store.write_bytes("a", b"1"),
        lambda: store.write_bytes("a", b"1", only_if_absent=True),
        lambda: store.put(local / "src" / "a", "a"),
        lambda: store.put(local / "src", "a"),
        lambda: store.fetch("a", local / "back"),
        lambda: store.checksum("a"),
        lambda: store.delete("a"),
        lambda: store.sweep_staging(0),
    ):
        with pytest.raises(StoreError) as caught:
            ask()
        assert "\n" not in str(caught.value)
        yield caught.value


@pytest.mark.parametrize(
    ("name", "value"), [("AWS_ACCESS_KEY_ID", "AKIDOTHER"), ("AWS_SECRET_ACCESS_KEY", "wrong"), (None, None)]
)
def test_wrong_credentials_are_said(
    s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str | None, value: str | None
) -> None:
    if name is not None and value is not None:
        monkeypatch.setenv(name, value)
    else:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    store = Store(StoreOptions(s3_environment.url("denied"), s3_environment.endpoint))
    for error in try_everything(store, tmp_path):
        assert isinstance(error, StoreDenied)
        assert "refuses the credentials" in str(error)
        assert "AWS_ACCESS_KEY_ID" in str(error)


def test_a_missing_bucket_is_said(s3_environment: S3Server, tmp_path: Path) -> None:
    store = Store(StoreOptions("s3://no-such-bucket/x", s3_environment.endpoint))
    for error in try_everything(store, tmp_path):
        assert isinstance(error, BucketMissing)
        assert "has no bucket no-such-bucket; create it, or correct DIX_STORE" in str(error)


def test_a_server_that_is_not_there_is_said_soon(s3_environment: S3Server, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        store = Store(StoreOptions("s3://bucket/x", f"http://127.0.0.1:{taken.getsockname()[1]}"))
        start = time.monotonic()
        error = next(try_everything(store, tmp_path))
        assert time.monotonic() - start < 10
    assert isinstance(error, StoreUnreachable)
    assert "does not answer (no connection); check the endpoint and the network" in str(error)


def test_a_server_that_never_answers_is_given_up(
    s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(s3_client._CONFIG, "read_timeout", 0.3)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        store = Store(StoreOptions("s3://bucket/x", f"http://127.0.0.1:{mute.getsockname()[1]}"))
        error = next(try_everything(store, tmp_path))
    assert isinstance(error, StoreUnreachable)
    assert "no answer in time" in str(error)


@pytest.mark.fault
def test_a_server_that_dies_in_the_middle_is_said_and_what_was_there_stays(
    s3_environment: S3Server, tmp_path: Path
) -> None:
    (tmp_path / "server").mkdir()
    server = start_s3_server(tmp_path / "server")
    try:
        store = Store(StoreOptions(server.url("x"), server.endpoint))
        store.write_bytes("large", b"x" * (10 << 20))
        stream = store.open("large")
        stage = store.stage("out")
        store.write_bytes(f"{stage.uri}/a", b"1")
        stream.read(1)
    finally:
        server.stop()
    start = time.monotonic()
    with pytest.raises(StoreUnreachable, match=r"out.* does not answer|staging.* does not answer"):
        stage.commit()
    with pytest.raises(StoreUnreachable, match="does not answer"):
        stream.read()
    for error in list(try_everything(store, tmp_path))[:3]:
        assert isinstance(error, StoreUnreachable)
    assert time.monotonic() - start < 60


def test_leaving_a_stage_of_a_dead_server_tells_what_went_wrong_first(
    s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(StoreOptions(s3_environment.url("stage"), s3_environment.endpoint))
    with pytest.raises(ZeroDivisionError), store.stage("x"):  # noqa: PT012 - leaving the stage is what is tested
        monkeypatch.setattr(LiteralS3FileSystem, "call_s3", lambda *_, **__: (_ for _ in ()).throw(ConnectionError()))
        raise ZeroDivisionError


def test_names_that_s3_cannot_hold_are_refused(s3_environment: S3Server) -> None:
    store = Store(StoreOptions(s3_environment.url("names"), s3_environment.endpoint))
    with pytest.raises((BadValue, StoreError)):
        store.write_bytes("/".join(["x" * 200] * 10), b"")


def test_a_stream_of_a_replaced_object_does_not_mix(s3_environment: S3Server) -> None:
    store = Store(StoreOptions(s3_environment.url("replaced"), s3_environment.endpoint))
    store.write_bytes("a", b"1" * (9 << 20))
    with store.open("a") as stream:
        assert stream.read(10) == b"1" * 10
        store.write_bytes("a", b"2" * (9 << 20))
        with pytest.raises(StoreError, match="was replaced while it was read"):
            stream.read()


def test_a_large_object_is_copied_in_parts(s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_client, "_COPY_BYTES", 5 << 20)
    store = Store(StoreOptions(s3_environment.url("copy"), s3_environment.endpoint))
    content = bytes(range(256)) * (12 << 12)
    with store.stage("big") as stage:
        store.write_bytes(f"{stage.uri}/a?b.bin", content)
        stage.commit()
    assert store.read_bytes("big/a?b.bin") == content


def test_nothing_that_is_not_there_is_taken_for_a_missing_bucket(s3_environment: S3Server) -> None:
    store = Store(StoreOptions(s3_environment.url("absent"), s3_environment.endpoint))
    with pytest.raises(NotFound):
        store.open("a")
