"""A model's folder becomes an artifact with a manifest."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from dix.errors import BadModel, BadValue, ChecksumMismatch, Conflict
from dix.registry.artifact import check_files, draft_model
from dix.store.store import Store

MakeModel = Callable[[str], Path]


def test_manifest_says_what_the_model_is_and_where_it_comes_from(store: Store, make_model: MakeModel) -> None:
    lineage = {"run": "r1", "node": "cnn", "data": {"train": {"uri": "file:///d", "checksum": "ab"}}}
    draft = draft_model(store, make_model("a"), "digits", lineage)
    manifest = draft.manifest
    assert manifest["signature"]["inputs"] == [{"name": "image", "datatype": "UINT8", "shape": [-1, 8, 8]}]
    assert manifest["signature"]["outputs"][0]["name"] == "label"
    for fact, value in {"framework": "torch", "algorithm": "cnn", "labels": ["0", "1"]}.items():
        assert manifest[fact] == value
    assert manifest["preprocessing"] == {"scale": 255}
    assert manifest["metrics"] == {"accuracy": 0.97}
    assert manifest["params"] == {"epochs": 2}
    assert manifest["lineage"] == lineage
    assert manifest["format"] == 1
    assert "saved_as" not in manifest
    weights = next(entry for entry in manifest["files"] if entry["path"] == "weights.safetensors")
    assert weights["sha256"] == hashlib.sha256(b"a" * 1000).hexdigest()
    assert weights["size_bytes"] == 1000
    assert store.checksum(draft.uri) == manifest["checksum"]
    assert draft.uri.startswith(store.resolve("dix/models/digits/artifacts"))


def test_the_same_weights_twice_are_two_artifacts(store: Store, make_model: MakeModel) -> None:
    folder = make_model("a")
    assert draft_model(store, folder, "digits", {}).uri != draft_model(store, folder, "digits", {}).uri


def test_an_artifact_cannot_be_written_into(store: Store, make_model: MakeModel) -> None:
    draft = draft_model(store, make_model("a"), "digits", {})
    with pytest.raises(Conflict):
        store.write_bytes(f"{draft.uri}/weights.safetensors", b"other")


def test_what_is_no_model_is_refused(store: Store, make_model: MakeModel, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadModel, match=r"it has no model\.json"):
        draft_model(store, tmp_path / "empty", "digits", {})
    folder = make_model("a")
    for text, said in {"{": "not JSON", "{}": "lacks framework, algorithm", "[]": "lacks framework"}.items():
        (folder / "model.json").write_text(text)
        with pytest.raises(BadModel, match=said):
            draft_model(store, folder, "digits", {})
    with pytest.raises(BadValue, match="model name"):
        draft_model(store, make_model("b"), "../Digits", {})
    assert not store.exists("dix/models")


def test_a_changed_or_missing_file_is_told(store: Store, make_model: MakeModel) -> None:
    folder = make_model("a")
    manifest = draft_model(store, folder, "digits", {}).manifest
    check_files(folder, manifest, "uri")
    (folder / "weights.safetensors").write_bytes(b"b" * 1000)
    with pytest.raises(ChecksumMismatch, match=r"weights\.safetensors is damaged"):
        check_files(folder, manifest, "uri")
    (folder / "weights.safetensors").unlink()
    with pytest.raises(BadModel, match=r"weights\.safetensors is missing"):
        check_files(folder, manifest, "uri")
    with pytest.raises(BadModel, match="which files"):
        check_files(folder, {}, "uri")
