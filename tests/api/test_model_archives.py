"""Models as files over HTTP: they go elsewhere whole, and come from there when they are harmless."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import httpx
import pytest

from dix.frameworks.base import ModelCard, TensorSpec
from dix.frameworks.card import write_card
from dix.records.model_version import ModelDraft, ModelVersion
from dix.records.moments import now
from dix.records.project import Project
from dix.registry.registry import Registry
from tests.api.server import Server

IMPORT = "/api/v1/models/import"
ARCHIVE = "/api/v1/models/digits/versions/1/archive"


def register(
    server: Server, folder: Path, model: str, project: str = "default", user: str = "admin", **files: bytes
) -> ModelVersion:
    folder.mkdir()
    write_card(folder, ModelCard("cnn", "torch", (TensorSpec("image", "UINT8", (-1, 8, 8)),), (), labels=("零", "<b>")))
    for name, content in {"weights.safetensors": b"w" * 5000, **files}.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    registry = server.parts.registry
    assert isinstance(registry, Registry)
    return registry.register(registry.draft(folder, model, {"run": "r1", "flow": "digits"}), project, "r1", "cnn", user)


@pytest.fixture(scope="module", autouse=True)
def version(server: Server, tmp_path_factory: pytest.TempPathFactory) -> ModelVersion:
    server.parts.catalog.projects.create_project(Project("vision", now()))
    return register(server, tmp_path_factory.mktemp("models") / "digits", "digits")


def test_a_version_goes_and_comes_back(http: httpx.Client, server: Server) -> None:
    gone = http.get(ARCHIVE)
    assert gone.status_code == 200
    assert gone.headers["content-disposition"] == 'attachment; filename="digits-1.dixmodel"'
    assert gone.headers["content-length"] == str(len(gone.content))
    came = http.post(IMPORT, content=gone.content, params={"name": "taken", "project": "vision"})
    assert came.status_code == 201, came.text
    version = came.json()
    assert (version["reference"], version["project"], version["run"]) == ("models:/taken/1", "vision", None)
    assert version["manifest"]["labels"] == ["零", "<b>"]
    assert version["manifest"]["lineage"]["original"] == {"run": "r1", "flow": "digits"}
    assert version["manifest"]["lineage"]["imported"]["model"] == "digits"
    assert http.get("/api/v1/models/taken").json() == version
    assert server.parts.store.read_bytes(f"{version['uri']}/weights.safetensors") == b"w" * 5000


def test_a_transfer_goes_on_where_it_broke_off(http: httpx.Client) -> None:
    whole = http.get(ARCHIVE)
    tag = whole.headers["etag"]
    for begin in (1, 700, len(whole.content) - 1):
        rest = http.get(ARCHIVE, headers={"Range": f"bytes={begin}-", "If-Range": tag})
        assert (rest.status_code, rest.content) == (206, whole.content[begin:])
        size = len(whole.content)
        assert rest.headers["content-range"] == f"bytes {begin}-{size - 1}/{size}"
    assert http.get(ARCHIVE, headers={"Range": "bytes=5-", "If-Range": '"other"'}).status_code == 200
    assert http.get(ARCHIVE, headers={"Range": "bytes=1-5"}).content == whole.content
    beyond = http.get(ARCHIVE, headers={"Range": f"bytes={len(whole.content)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(whole.content)}")


def test_a_file_that_lies_in_the_store_is_imported_from_there(http: httpx.Client) -> None:
    content = http.get(ARCHIVE).content
    assert http.put("/api/v1/data/file", params={"uri": "in/a.dixmodel"}, content=content).status_code == 201
    came = http.post(IMPORT, params={"name": "stored", "uri": "in/a.dixmodel"})
    assert (came.status_code, came.json()["version"]) == (201, 1)
    assert http.post(IMPORT, params={"name": "stored", "uri": "in/b.dixmodel"}).status_code == 404
    assert http.post(IMPORT, params={"name": "stored", "uri": "in"}).status_code == 422


def test_what_is_not_harmless_is_refused_and_leaves_nothing(http: httpx.Client, server: Server, tmp_path: Path) -> None:
    register(server, tmp_path / "odd", "odd", model_pkl=b"cos\nsystem\n")
    answer = http.post(
        IMPORT, content=http.get("/api/v1/models/odd/versions/1/archive").content, params={"name": "evil"}
    )
    assert answer.status_code == 422
    assert "nothing beside model.json, weights.safetensors" in answer.json()["detail"]
    assert http.get("/api/v1/models/evil").status_code == 404


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"name": "No Name"}, 422),
        ({"name": "digits", "project": "vision"}, 409),
        ({"project": "vision"}, 409),
        ({"name": "x", "project": "nowhere"}, 404),
        ({"name": "../x"}, 422),
    ],
)
def test_a_place_that_cannot_be_is_refused(http: httpx.Client, params: dict[str, str], status: int) -> None:
    answer = http.post(IMPORT, content=http.get(ARCHIVE).content, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("content", [b"", b"no archive", b"\0" * 4096])
def test_what_is_no_archive_is_refused(http: httpx.Client, content: bytes) -> None:
    assert http.post(IMPORT, content=content).status_code == 422


def test_a_version_whose_files_are_gone_says_so(http: httpx.Client, server: Server) -> None:
    server.parts.catalog.models.register_model(ModelDraft("gone", "file:///gone", {"files": []}), "default")
    manifest = json.loads(json.dumps({"files": [{"path": "model.json", "size_bytes": 3, "sha256": "0" * 64}]}))
    server.parts.catalog.models.register_model(ModelDraft("gone", "file:///gone2", manifest), "default")
    answer = http.get("/api/v1/models/gone/versions/2/archive")
    assert "model.json is missing" in answer.json()["detail"]
    assert http.get("/api/v1/models/digits/versions/7/archive").status_code == 404


def test_a_large_model_passes_in_constant_memory(http: httpx.Client, server: Server, tmp_path: Path) -> None:
    version = register(server, tmp_path / "large", "large", weights_safetensors=b"w" * 60_000_000)
    path = tmp_path / "large.dixmodel"
    tracemalloc.start()
    with http.stream("GET", "/api/v1/models/large/versions/1/archive") as gone, path.open("wb") as out:
        for chunk in gone.iter_bytes():
            out.write(chunk)
    with path.open("rb") as content:
        came = http.post(IMPORT, content=iter(lambda: content.read(1 << 20), b""), params={"name": "large"}, timeout=60)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert came.status_code == 201, came.text
    assert came.json()["manifest"]["checksum"] == version.manifest["checksum"]
    assert peak < 25_000_000, peak
