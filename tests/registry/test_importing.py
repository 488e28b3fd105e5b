"""Archives that come from elsewhere: taken when all of it is what it says, refused with a sentence otherwise."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dix.catalog.direct import DirectCatalog
from dix.errors import BadValue, ChecksumMismatch, DixError
from dix.records.model_version import ModelVersion
from dix.registry.importing import Import, unpack_archive
from dix.registry.registry import Registry
from dix.store.store import Store
from tests.registry.conftest import MakeModel

Member = tuple[tarfile.TarInfo, bytes]
Change = Callable[[list[Member]], object]


@pytest.fixture
def registry(catalog: DirectCatalog, store: Store) -> Registry:
    return Registry(catalog.models, store)


@pytest.fixture
def version(registry: Registry, make_model: MakeModel) -> ModelVersion:
    return registry.register(registry.draft(make_model("a"), "digits", {"run": "r1"}), "default", "r1", "cnn")


@pytest.fixture
def archive(registry: Registry, version: ModelVersion, tmp_path: Path) -> Path:
    return export(registry, version, tmp_path)


def export(registry: Registry, version: ModelVersion, folder: Path) -> Path:
    path = folder / f"{version.model}-{version.version}.dixmodel"
    path.write_bytes(b"".join(registry.archive(version).read()))
    return path


def take_apart(path: Path) -> list[Member]:
    with tarfile.open(path) as tar:
        return [(member, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]


def put_together(path: Path, members: list[Member], mode: Any = "w", way: int = tarfile.PAX_FORMAT) -> Path:
    with tarfile.open(path, mode, format=way) as tar:
        for member, content in members:
            member.size = len(content) if member.type not in {tarfile.SYMTYPE, tarfile.LNKTYPE} else 0
            tar.addfile(member, io.BytesIO(content))
    return path


def allow(_folder: Path, _model: str) -> None:
    pass


def test_what_was_exported_is_the_next_version_elsewhere(
    registry: Registry, version: ModelVersion, archive: Path, tmp_path: Path
) -> None:
    asked: list[tuple[str, set[str]]] = []
    imported = registry.import_archive(
        archive,
        Import("taken", "default", "ana"),
        lambda folder, model: asked.append((model, {path.name for path in folder.iterdir()})),
    )
    assert asked == [("taken", {"model.json", "weights.safetensors"})]
    assert (imported.reference, imported.run, imported.node) == ("models:/taken/1", None, None)
    assert imported.manifest["files"] == version.manifest["files"]
    lineage = imported.manifest["lineage"]
    assert lineage["original"] == {"run": "r1"}
    known = {"model": "digits", "version": 1, "run": "r1", "node": "cnn", "by": "ana"}
    assert lineage["imported"].items() >= known.items()
    assert (registry.fetch(imported) / "weights.safetensors").read_bytes() == b"a" * 1000
    again = registry.import_archive(archive, Import(None, "default", "ana"), allow)
    assert again.reference == "models:/digits/2"
    third = export(registry, again, tmp_path)
    assert registry.import_archive(third, Import(None, "default", "bo"), allow).version == 3


def test_what_is_refused_by_the_check_leaves_nothing(
    registry: Registry, catalog: DirectCatalog, store: Store, archive: Path
) -> None:
    def refuse(_folder: Path, _model: str) -> None:
        raise BadValue("archive", "harmless files", "model.pkl")

    with pytest.raises(BadValue, match=r"model.pkl"):
        registry.import_archive(archive, Import("taken", "default", "ana"), refuse)
    assert [one.model for one in catalog.models.list_models().items] == ["digits"]
    assert not store.exists("dix/models/taken")


def rename(name: str) -> Change:
    def change(members: list[Member]) -> None:
        members[1][0].name = name

    return change


def retype(kind: bytes) -> Change:
    def change(members: list[Member]) -> None:
        members[1][0].type, members[1][0].linkname = kind, "/etc/passwd"

    return change


def edit(change_head: Callable[[dict[str, Any]], object]) -> Change:
    def change(members: list[Member]) -> None:
        head = json.loads(members[0][1])
        change_head(head)
        members[0] = (members[0][0], json.dumps(head).encode())

    return change


def edit_file(**facts: object) -> Change:
    return edit(lambda head: head["manifest"]["files"][0].update(facts))


def replace_content(members: list[Member]) -> None:
    members[2] = (members[2][0], b"z" * len(members[2][1]))


def add(name: str) -> Change:
    return lambda members: members.append((tarfile.TarInfo(name), b"x"))


BAD: list[tuple[Change, str]] = [
    (rename("model/../../evil"), "relative paths of plain names"),
    (rename("model//etc/passwd"), "relative paths of plain names"),
    (rename("/model/a"), "plain files below model/"),
    (rename("elsewhere/a"), "plain files below model/"),
    (rename("model/a\\b"), "relative paths of plain names"),
    (rename("model/./model.json"), "relative paths of plain names"),
    (retype(tarfile.SYMTYPE), "plain files below model/"),
    (retype(tarfile.LNKTYPE), "plain files below model/"),
    (retype(tarfile.FIFOTYPE), "plain files below model/"),
    (retype(tarfile.DIRTYPE), "plain files below model/"),
    (replace_content, "weights.safetensors in the archive is damaged"),
    (add("model/run.py"), "each file that its head names"),
    (add("model/model.json"), "each file that its head names"),
    (lambda members: members.pop(), "all files that its head names, got 'one without weights.safetensors'"),
    (lambda members: members.pop(0), "dixmodel.json as its first file, got 'model/model.json'"),
    (lambda members: members.clear(), "dixmodel.json as its first file, got 'nothing'"),
    (edit(lambda head: head.update(dixmodel=2)), "expected format 1, got 2; upgrade DI-X"),
    (edit(lambda head: head.update(version="x")), "version: Input should be a valid integer"),
    (edit(lambda head: head["manifest"].update(files=[])), "manifest.files: List should have at least 1 item"),
    (edit_file(path="../x"), "relative paths of plain names"),
    (edit_file(sha256="0" * 64), "list of files in the archive is damaged"),
    (edit(lambda head: head["manifest"]["files"].append(head["manifest"]["files"][0])), "a name that is there twice"),
    (edit(lambda head: head.pop("manifest")), "manifest: Field required"),
]


@pytest.mark.parametrize(("change", "sentence"), BAD)
def test_what_it_must_not_be_is_refused(archive: Path, tmp_path: Path, change: Change, sentence: str) -> None:
    members = take_apart(archive)
    change(members)
    bad = put_together(tmp_path / "bad", members)
    (tmp_path / "out").mkdir()
    with pytest.raises(DixError) as caught:
        unpack_archive(bad, tmp_path / "out")
    assert sentence in str(caught.value)
    assert not (tmp_path / "evil").exists()


def test_a_cut_or_compressed_or_foreign_file_is_refused(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    zipped = put_together(tmp_path / "zipped", take_apart(archive), "w:gz").read_bytes()
    contents = (b"", b"not a tar", whole[:300], whole[:1000], whole[:-3000], zipped, b"\0" * 2048, whole[7:])
    for i, content in enumerate(contents):
        (tmp_path / f"out{i}").mkdir()
        archive.write_bytes(content)
        with pytest.raises((BadValue, ChecksumMismatch)):
            unpack_archive(archive, tmp_path / f"out{i}")


def test_headers_without_end_are_refused(archive: Path, tmp_path: Path) -> None:
    first = take_apart(archive)[0][0].tobuf(tarfile.PAX_FORMAT)
    huge = tarfile.TarInfo("model/x")
    huge.type, huge.size = tarfile.XHDTYPE, 2**34
    archive.write_bytes(huge.tobuf(tarfile.GNU_FORMAT) + b"0" * 1024)
    with pytest.raises(BadValue, match="headers of at most"):
        unpack_archive(archive, tmp_path / "out")
    chain = tarfile.TarInfo("x")
    chain.type, chain.size = tarfile.XHDTYPE, 0
    archive.write_bytes(chain.tobuf(tarfile.USTAR_FORMAT) * 20_000 + first)
    with pytest.raises(BadValue, match="archive"):
        unpack_archive(archive, tmp_path / "out")


def test_another_tars_writing_is_read_too(archive: Path, tmp_path: Path) -> None:
    for way in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        (tmp_path / f"out{way}").mkdir()
        other = put_together(tmp_path / "other", take_apart(archive), way=way)
        assert unpack_archive(other, tmp_path / f"out{way}").model == "digits"
