"""What every store does, be it a folder or an S3 server."""

from __future__ import annotations

import hashlib
import itertools
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from fsspec.asyn import sync_wrapper

from dix.errors import AlreadyExists, BadValue, ChecksumMismatch, Conflict, NotFound
from dix.store.digest import hash_listing
from dix.store.listing import Size
from dix.store.manifest import MANIFEST_NAME
from dix.store.media import choose_medium
from dix.store.options import StoreOptions
from dix.store.store import Store

ODD_NAMES = [
    "数据/训练.parquet",
    "emoji 🎉/😀.png",
    "quo\"te's.txt",
    "a b#c?d&e=f+g;h,i.txt",
    "100%",
    "%41%2F%25",
    "report.txt?versionId=abc",
    "[glob]*{x}.txt",
    "~",
    "-rf",
    " spaces around ",
    "e\u0301 and \u00e9",
    "no-suffix",
    ".hidden",
    "dots.in.name.tar.gz",
    "x" * 200,
]
FORK = multiprocessing.get_context("fork")


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Store(StoreOptions(f"file://{tmp_path / 'store'}"))
    server = request.getfixturevalue("s3_environment")
    prefix = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]
    return Store(StoreOptions(server.url(prefix), server.endpoint))


def make_folder(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def read_folder(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def look(store: Store, uri: str, local: Path) -> dict[str, str]:
    """All that is visible below a URI, fetched."""
    return read_folder(store.fetch(uri, local)) if store.exists(uri) else {}


def list_raw(store: Store, uri: str) -> set[str]:
    """What lies below a URI, manifests or not."""
    scheme, path = store.resolve(uri).split("://", 1)
    return {item.path.removeprefix(f"{path}/") for item in choose_medium(scheme, store.options).walk(path)}


# Files


def test_what_is_written_is_read_back(store: Store) -> None:
    store.write_bytes("a/b.txt", b"hello")
    assert store.exists("a/b.txt")
    assert store.read_bytes("a/b.txt") == b"hello"
    assert store.measure("a/b.txt") == Size(1, 5)
    assert [file.path for file in store.list_files("a/b.txt")] == ["b.txt"]


def test_a_file_is_replaced(store: Store) -> None:
    store.write_bytes("a", b"old and longer")
    store.write_bytes("a", b"new")
    assert store.read_bytes("a") == b"new"


def test_an_empty_file_is_a_file(store: Store) -> None:
    store.write_bytes("empty", b"")
    assert store.read_bytes("empty") == b""
    with store.open("empty") as stream:
        assert stream.read() == b""
    assert store.measure("empty") == Size(1, 0)


def test_what_was_never_written_is_not_found(store: Store, tmp_path: Path) -> None:
    store.write_bytes("ab", b"a name that begins the same is another name")
    assert not store.exists("a")
    questions: list[Callable[[str], object]] = [
        store.measure, store.list_files, store.list_folder, store.open, store.read_bytes, store.checksum, store.delete
    ]  # fmt: skip
    for ask in [*questions, lambda uri: store.fetch(uri, tmp_path / "local")]:
        with pytest.raises(NotFound, match=r"no data .*/a$"):
            ask("a")


def test_a_stream_can_be_read_from_any_position(store: Store) -> None:
    content = os.urandom(10_000)
    store.write_bytes("blob", content)
    with store.open("blob") as stream:
        assert stream.seekable()
        assert stream.seek(-100, os.SEEK_END) == 9_900
        assert stream.read() == content[-100:]
        stream.seek(5_000)
        assert stream.read(10) == content[5_000:5_010]
        assert stream.tell() == 5_010
        assert stream.read(100_000) == content[5_010:]
        assert stream.read(1) == b""


def test_a_large_file_goes_there_and_back(store: Store, tmp_path: Path) -> None:
    content = os.urandom(1 << 20) * 40
    (tmp_path / "large").write_bytes(content)
    store.put(tmp_path / "large", "large")
    assert store.measure("large") == Size(1, len(content))
    assert store.checksum("large") == hashlib.sha256(content).hexdigest()
    assert store.fetch("large", tmp_path / "back").read_bytes() == content


def test_any_name_is_kept_exactly(store: Store, tmp_path: Path) -> None:
    contents = {name: name.encode() for name in ODD_NAMES}
    for name, content in contents.items():
        store.write_bytes(f"odd/{name}", content)
        assert store.exists(f"odd/{name}")
        assert store.read_bytes(f"odd/{name}") == content
        assert store.fetch(f"odd/{name}", tmp_path / "one").read_bytes() == content
    files = store.list_files("odd")
    assert {file.path: store.read_bytes(file.uri) for file in files} == contents
    assert read_folder(store.fetch("odd", tmp_path / "all")) == dict(zip(contents, contents, strict=True))
    for name in contents:
        store.delete(f"odd/{name}")
        assert not store.exists(f"odd/{name}")


def test_any_name_is_kept_exactly_in_a_committed_folder(store: Store, tmp_path: Path) -> None:
    make_folder(tmp_path / "all", dict(zip(ODD_NAMES, ODD_NAMES, strict=True)))
    for _ in range(2):
        store.commit_folder(tmp_path / "all", "whole")
        files = store.list_files("whole")
        assert [file.path for file in files] == sorted(ODD_NAMES)
        for file in files:
            assert store.read_bytes(file.uri) == store.read_bytes(f"whole/{file.path}") == file.path.encode()
            filesystem, path = store.filesystem(file.uri)
            with filesystem.open(path, "rb") as stream:
                assert stream.read() == file.path.encode()


def test_resolving_keeps_absolute_addresses_and_completes_relative_ones(store: Store) -> None:
    assert store.resolve("a/b c#?%41") == f"{store.url}/a/b c#?%41"
    assert store.resolve("a/") == f"{store.url}/a"
    for uri in ("file:///data/x 1", "s3://bucket/x?y", f"{store.url}/a"):
        assert store.resolve(uri) == uri


def test_files_outside_of_the_store_are_used_by_their_address(store: Store, tmp_path: Path) -> None:
    make_folder(tmp_path / "outside", {"a": "1", "b/c": "2"})
    uri = f"file://{tmp_path}/outside"
    assert store.measure(uri) == Size(2, 2)
    store.commit_folder(tmp_path / "outside", f"file://{tmp_path}/copy")
    store.commit_folder(tmp_path / "outside", f"file://{tmp_path}/copy")
    assert {file.path for file in store.list_files(f"file://{tmp_path}/copy")} == {"a", "b/c"}
    assert {path.name for path in tmp_path.iterdir()} - {"store", "s3"} == {"outside", "copy"}
    assert store.local_path(uri) == tmp_path / "outside"


def test_a_store_travels_to_other_processes(store: Store) -> None:
    store.write_bytes("a", b"1")
    with FORK.Pool(1) as pool:
        assert pool.apply(store.read_bytes, ("a",)) == b"1"
    copy = pickle.loads(pickle.dumps(store))
    assert copy.options == store.options
    assert copy.read_bytes("a") == b"1"


def test_one_of_many_writers_of_a_new_file_wins(store: Store) -> None:
    def write(i: int, name: str) -> bool:
        try:
            pickle.loads(pickle.dumps(store)).write_bytes(name, b"%d" % i, only_if_absent=True)
            return True
        except AlreadyExists:
            return False

    with ThreadPoolExecutor(6) as pool:
        for name in ("race/1", "race/2"):
            won = list(pool.map(write, range(6), itertools.repeat(name)))
            assert won.count(True) == 1
            assert store.read_bytes(name) == b"%d" % won.index(True)


def test_the_platform_has_a_folder_of_its_own(store: Store) -> None:
    assert store.is_reserved("dix/runs/1")
    assert store.is_reserved(f"{store.url}/dix")
    assert not store.is_reserved("dixie")
    assert not store.is_reserved("a/dix/b")


# Folders


def test_a_folder_that_others_wrote_is_seen_as_it_is(store: Store) -> None:
    for path in ("data/2/b", "data/1/a", "data/c"):
        store.write_bytes(path, b"x")
    assert [file.path for file in store.list_files("data")] == ["1/a", "2/b", "c"]
    assert store.exists("data/1")
    level = store.list_folder("data")
    assert [folder.name for folder in level.folders] == ["1", "2"]
    assert [file.path for file in level.files] == ["c"]
    assert [folder.name for folder in store.list_folder(store.url).folders] == ["data"]


def test_a_committed_folder_holds_what_its_manifest_says(store: Store, tmp_path: Path) -> None:
    files = {"a.txt": "1", "deep/er/b.txt": "22"}
    manifest = store.commit_folder(make_folder(tmp_path / "src", files), "out/x")
    assert [(entry.path, entry.size_bytes) for entry in manifest.files] == [("a.txt", 1), ("deep/er/b.txt", 2)]
    assert manifest.files[0].sha256 == hashlib.sha256(b"1").hexdigest()
    assert store.measure("out/x") == Size(2, 3)
    assert [file.path for file in store.list_files("out/x")] == ["a.txt", "deep/er/b.txt"]
    assert [file.path for file in store.list_files("out/x/deep")] == ["er/b.txt"]
    assert [file.path for file in store.list_files("out")] == ["x/a.txt", "x/deep/er/b.txt"]
    assert store.exists("out/x/a.txt")
    assert not store.exists("out/x/c.txt")
    assert not store.exists(f"out/x/{MANIFEST_NAME}")
    level = store.list_folder("out/x")
    assert ([folder.name for folder in level.folders], [file.path for file in level.files]) == (["deep"], ["a.txt"])
    assert look(store, "out/x", tmp_path / "back") == files
    assert MANIFEST_NAME in list_raw(store, "out/x")


def test_an_empty_folder_can_be_committed(store: Store, tmp_path: Path) -> None:
    store.commit_folder(make_folder(tmp_path / "src", {}), "nothing")
    assert store.exists("nothing")
    assert store.list_files("nothing") == []
    assert list(store.fetch("nothing", tmp_path / "back").iterdir()) == []


def test_a_later_commit_replaces_the_earlier_one_wholly(store: Store, tmp_path: Path) -> None:
    for files in ({"a": "1", "b": "1", "gone": "1"}, {"a": "2", "b": "2", "new": "2"}, {"a": "3"}):
        store.commit_folder(make_folder(tmp_path / files["a"], files), "x")
        assert look(store, "x", tmp_path / f"back{files['a']}") == files
        assert store.read_bytes("x/a").decode() == files["a"]
        assert len(list_raw(store, "x")) == len(files) + 1
        assert not list_raw(store, "dix/staging")
    with pytest.raises(NotFound):
        store.read_bytes("x/gone")


def test_what_is_staged_is_invisible_until_it_is_committed(store: Store, tmp_path: Path) -> None:
    with store.stage("out/x") as stage:
        store.write_bytes(f"{stage.uri}/part/1", b"1")
        assert store.read_bytes(f"{stage.uri}/part/1") == b"1"
        with pytest.raises(AlreadyExists):
            store.write_bytes(f"{stage.uri}/part/1", b"2", only_if_absent=True)
        store.write_bytes(f"{stage.uri}/2", b"2", only_if_absent=True)
        assert not store.exists("out")
        assert not store.exists("out/x/part/1")
        with pytest.raises(NotFound):
            store.list_files(store.url)
        stage.commit()
    assert look(store, "out", tmp_path / "back") == {"x/part/1": "1", "x/2": "2"}


def test_many_processes_write_into_one_stage(store: Store) -> None:
    with store.stage("out") as stage:
        with FORK.Pool(2) as pool:
            pool.starmap(store.write_bytes, [(f"{stage.uri}/{i}", b"%d" % i) for i in range(6)])
        stage.commit()
    assert [file.path for file in store.list_files("out")] == [str(i) for i in range(6)]


def test_a_stage_that_is_left_or_aborted_leaves_nothing(store: Store) -> None:
    with store.stage("out") as stage:
        store.write_bytes(f"{stage.uri}/1", b"1")
    assert not store.exists("out")
    assert not list_raw(store, "dix/staging")
    with pytest.raises(Conflict, match="is over, so it cannot be committed"):
        stage.commit()


def test_part_of_a_committed_folder_cannot_be_changed(store: Store, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "src", {"a": "1", "b/c": "2"})
    store.commit_folder(folder, "x")
    for change in (
        lambda: store.write_bytes("x/new", b""),
        lambda: store.write_bytes("x/a", b""),
        lambda: store.write_bytes("x", b""),
        lambda: store.put(folder / "a", "x/b/d"),
        lambda: store.commit_folder(folder, "x/b"),
        lambda: store.delete("x/a"),
        lambda: store.delete("x/b"),
    ):
        with pytest.raises(Conflict, match=r"folder .*/x is committed as a whole, so it cannot be changed in part"):
            change()
    assert look(store, "x", tmp_path / "back") == {"a": "1", "b/c": "2"}


def test_files_that_were_put_one_by_one_are_not_replaced_by_a_commit(store: Store, tmp_path: Path) -> None:
    store.write_bytes("x/mine", b"1")
    folder = make_folder(tmp_path / "src", {"a": "1"})
    with pytest.raises(Conflict, match="holding files that were put there one by one"):
        store.commit_folder(folder, "x")
    with pytest.raises(Conflict, match="is a file"):
        store.commit_folder(folder, "x/mine")
    assert store.list_files("x")[0].path == "mine"
    assert not list_raw(store, "dix/staging")


def test_a_manifest_cannot_be_written_by_hand(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="belongs to DI-X"):
        store.write_bytes(f"x/{MANIFEST_NAME}", b"{}")
    with pytest.raises(BadValue, match="belongs to DI-X"):
        store.commit_folder(make_folder(tmp_path / "src", {f"a/{MANIFEST_NAME}": "{}"}), "x")


def test_the_store_itself_is_not_deleted_or_replaced(store: Store, tmp_path: Path) -> None:
    store.write_bytes("a", b"1")
    for change in (
        lambda: store.delete(store.url),
        lambda: store.write_bytes(store.url, b""),
        lambda: store.commit_folder(make_folder(tmp_path / "src", {}), store.url),
    ):
        with pytest.raises(BadValue, match="the store itself"):
            change()
    assert store.read_bytes("a") == b"1"


def test_deleting_takes_a_file_or_a_folder_with_all_in_it(store: Store, tmp_path: Path) -> None:
    store.commit_folder(make_folder(tmp_path / "src", {"a": "1", "b/c": "2"}), "x/committed")
    for path in ("x/1", "x/y/2", "xy"):
        store.write_bytes(path, b"")
    store.delete("x/1")
    assert [file.path for file in store.list_files("x")] == ["committed/a", "committed/b/c", "y/2"]
    store.delete("x")
    assert not store.exists("x")
    assert not list_raw(store, "x")
    assert [file.path for file in store.list_files(store.url)] == ["xy"]
    assert store.list_folder(store.url).folders == ()


def test_a_deleted_folder_can_be_committed_again(store: Store, tmp_path: Path) -> None:
    for text in ("1", "2", "3"):
        store.commit_folder(make_folder(tmp_path / text, {"a": text}), "x")
        store.delete("x")
        assert not store.exists("x")
        store.commit_folder(tmp_path / text, "x")
        assert look(store, "x", tmp_path / f"back{text}") == {"a": text}


def test_checksums_depend_on_names_and_contents_alone(store: Store, tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "src", {"a": "1", "b/c": "2"})
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in (("a", "1"), ("b/c", "2"))}
    for _ in range(2):
        assert store.commit_folder(folder, "x").checksum == store.checksum("x") == hash_listing(digests.items())
    assert store.checksum("x/a") == digests["a"]
    assert store.checksum("x/b") == hash_listing([("c", digests["b/c"])])
    for name, text in (("a", b"1"), ("b/c", b"2")):
        store.write_bytes(f"plain/{name}", text)
    assert store.checksum("plain") == store.checksum("x")
    assert store.find_digest("x") == store.checksum("x")
    assert store.find_digest("x/b") == store.checksum("x/b")
    assert store.find_digest("plain") is store.find_digest("nothing") is None
    assert store.checksum("plain/a") == digests["a"]


def test_a_damaged_file_is_noticed_when_it_is_fetched(store: Store, tmp_path: Path) -> None:
    store.commit_folder(make_folder(tmp_path / "src", {"a": "good", "b": "good"}), "x")
    filesystem, path = store.filesystem("x/b")
    filesystem.pipe_file(path, b"evil")
    with pytest.raises(ChecksumMismatch, match="x/b is damaged"):
        store.fetch("x", tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert {path.name for path in tmp_path.iterdir()} <= {"src", "store", "s3"}


def test_a_fetched_folder_is_added_to_what_is_there(store: Store, tmp_path: Path) -> None:
    store.commit_folder(make_folder(tmp_path / "src", {"a": "new", "b": "new"}), "x")
    make_folder(tmp_path / "back", {"a": "old", "c": "old"})
    assert look(store, "x", tmp_path / "back") == {"a": "new", "b": "new", "c": "old"}
    assert store.fetch("x/a", tmp_path / "deep" / "er").read_text() == "new"
    with pytest.raises(BadValue, match="the path of a file"):
        store.fetch("x/a", tmp_path / "back")


def test_pyarrow_reads_a_committed_folder(store: Store, tmp_path: Path) -> None:
    for rows in (10, 20):
        make_folder(tmp_path / "src", {})
        pq.write_table(pa.table({"x": list(range(rows))}), tmp_path / "src" / "part-0.parquet")
        store.commit_folder(tmp_path / "src", "table")
        filesystem, path = pickle.loads(pickle.dumps(store.filesystem("table")))
        assert ds.dataset(path, filesystem=filesystem, format="parquet").count_rows() == rows
        with store.open(store.list_files("table")[0].uri) as stream:
            assert pq.read_table(stream).num_rows == rows


# Dying and racing


def is_on_s3(store: Store) -> bool:
    return store.url.startswith("s3:")


def run_and_die(work: Callable[[], object], step: int, uses_s3: bool) -> bool:
    """Do the work in a forked process that kills itself (-9) at its n-th change; whether it lived to the end."""
    pid = os.fork()
    if pid == 0:
        die_at(step, uses_s3)
        try:
            work()
        except BaseException:  # noqa: BLE001 - a forked child must never return into pytest
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the work failed of itself"
    return not os.WIFSIGNALED(status)


def die_at(step: int, uses_s3: bool) -> None:
    """Count what changes the world (file system calls, requests to S3) and die before the n-th."""
    steps = itertools.count()

    def count() -> None:
        if next(steps) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        changes = {"os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "ctypes.dlsym"}
        if event in changes or (event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_WRONLY):
            count()

    if uses_s3:
        from dix.store.s3_client import LiteralS3FileSystem

        plain = LiteralS3FileSystem._call_s3

        async def call(self: Any, operation: str, *arguments: Any, **named: Any) -> Any:
            if not operation.startswith(("get", "head", "list")):
                count()
            return await plain(self, operation, *arguments, **named)

        LiteralS3FileSystem._call_s3 = call
        LiteralS3FileSystem.call_s3 = sync_wrapper(call)
    else:
        sys.addaudithook(watch)


OLD = {"a.txt": "old", "gone": "old"}
NEW = {"a.txt": "new", "b/more": "new"}


@pytest.mark.fault
@pytest.mark.parametrize("before", [{}, OLD], ids=["first commit", "later commit"])
def test_death_at_any_moment_leaves_the_old_or_the_new_folder(
    store: Store, tmp_path: Path, before: dict[str, str]
) -> None:
    make_folder(tmp_path / "old", OLD)
    make_folder(tmp_path / "new", NEW)
    seen = []
    for step in itertools.count():
        uri = f"out{step}"
        if before:
            store.commit_folder(tmp_path / "old", uri)
        store.exists(uri)  # the child inherits a store in use
        lived = run_and_die(lambda uri=uri: store.commit_folder(tmp_path / "new", uri), step, is_on_s3(store))
        content = look(store, uri, tmp_path / f"back{step}")
        assert content in (before, NEW), f"a mixture after step {step}"
        assert store.exists(f"{uri}/b/more") == (content == NEW)
        seen.append(content)
        if lived:
            break
    assert seen[0] == before
    assert seen[-1] == NEW
    assert len(seen) > 8
    assert store.sweep_staging(-60) > 0
    assert not list_raw(store, "dix/staging")
    for i, content in enumerate(seen):
        expected = {MANIFEST_NAME} if content else set()
        assert len(list_raw(store, f"out{i}")) == len(content) + len(expected)
        store.commit_folder(tmp_path / "new", f"out{i}")
        assert look(store, f"out{i}", tmp_path / f"again{i}") == NEW


@pytest.mark.fault
def test_death_at_any_moment_of_a_deletion_leaves_all_or_nothing(store: Store, tmp_path: Path) -> None:
    make_folder(tmp_path / "old", OLD)
    for step in itertools.count():
        uri = f"out{step}"
        store.commit_folder(tmp_path / "old", uri)
        lived = run_and_die(lambda uri=uri: store.delete(uri), step, is_on_s3(store))
        assert look(store, uri, tmp_path / f"back{step}") in ({}, OLD)
        if lived:
            break
    assert not store.exists(uri)
    assert store.sweep_staging(-60) > 0
    for i in range(step):
        assert len(list_raw(store, f"out{i}")) == (len(OLD) + 1 if store.exists(f"out{i}") else 0)


@pytest.mark.fault
def test_death_while_a_file_is_written_leaves_the_old_or_the_new_one(store: Store) -> None:
    for step in itertools.count():
        store.write_bytes("file", b"old" * 1000)
        lived = run_and_die(lambda: store.write_bytes("file", b"new" * 1000), step, is_on_s3(store))
        assert store.read_bytes("file") in (b"old" * 1000, b"new" * 1000)
        assert [file.path for file in store.list_files(store.url)] == ["file"]
        if lived:
            break


def test_a_reader_never_sees_two_commits_mixed(store: Store, tmp_path: Path) -> None:
    names = [f"{i}" for i in range(5)]
    for text in ("0", "1"):
        make_folder(tmp_path / text, dict.fromkeys(names, text))
    store.commit_folder(tmp_path / "0", "x")
    is_done = threading.Event()

    def write() -> None:
        for i in range(12):
            store.commit_folder(tmp_path / str(i % 2), "x")
        is_done.set()

    def read(turns: Iterator[int]) -> int:
        for turn in turns:
            content = look(store, "x", tmp_path / f"back{turn}")
            assert sorted(content) == names
            assert len(set(content.values())) == 1
            if is_done.is_set():
                return turn
        return 0

    with ThreadPoolExecutor(2) as pool:
        writer, reader = pool.submit(write), pool.submit(read, itertools.count())
        writer.result()
        assert reader.result() > 0


def test_of_two_processes_that_commit_at_once_one_wins_whole(store: Store, tmp_path: Path) -> None:
    names = [f"{i}" for i in range(4)]
    barrier = FORK.Barrier(3)

    def commit(text: str) -> None:
        barrier.wait(30)
        store.commit_folder(tmp_path / text, "x")

    for turn in range(3):
        workers = []
        for text in ("1", "2", "3"):
            make_folder(tmp_path / text, dict.fromkeys([*names, f"only {text}"], text))
            workers.append(FORK.Process(target=commit, args=(text,)))
            workers[-1].start()
        for worker in workers:
            worker.join(60)
            assert worker.exitcode == 0
        content = look(store, "x", tmp_path / f"back{turn}")
        (winner,) = set(content.values())
        assert set(content) == {*names, f"only {winner}"}
        assert len(list_raw(store, "x")) == len(content) + 1
        if turn == 1:
            store.delete("x")


def test_a_commit_during_a_deletion_stands_whole_or_is_gone(store: Store, tmp_path: Path) -> None:
    make_folder(tmp_path / "new", NEW)
    for turn in range(5):
        store.commit_folder(tmp_path / "new", "x")
        with ThreadPoolExecutor(2) as pool:
            commit = pool.submit(store.commit_folder, tmp_path / "new", "x")
            removal = pool.submit(store.delete, "x")
            commit.result()
            removal.result()
        assert look(store, "x", tmp_path / f"back{turn}") in ({}, NEW)
