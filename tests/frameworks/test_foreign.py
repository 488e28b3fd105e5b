"""What may come from elsewhere is read and never run, and reads nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from dix.errors import BadModel, BadValue
from dix.frameworks.base import ModelCard, TensorSpec
from dix.frameworks.card import write_card
from dix.frameworks.foreign import check_foreign


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path, "torch", "weights.safetensors")


def make(folder: Path, framework: str, *files: str) -> Path:
    spec = TensorSpec("image", "UINT8", (-1, 8, 8))
    write_card(folder, ModelCard("cnn", framework, (spec,), (spec,)))
    for name in files:
        (folder / name).write_bytes(b"x")
    return folder


def test_what_our_frameworks_write_is_let_in(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    check_foreign(folder)
    other = tmp_path_factory.mktemp("caffe")
    check_foreign(make(tmp_path_factory.mktemp("keras"), "tensorflow", "weights.safetensors"))
    check_foreign(make(other, "caffe", "deploy.prototxt", "weights.caffemodel", "mean.binaryproto"))
    check_foreign(make(other, "caffe", "train_val.prototxt", "solver.prototxt", "class_weights.binaryproto"))


@pytest.mark.parametrize("name", ["model.pkl", "weights.pt", "run.py", "deploy.prototxt"])
def test_what_could_be_run_is_not(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"x")
    with pytest.raises(BadValue, match=rf"nothing beside model.json, weights.safetensors .* got '{name}'"):
        check_foreign(folder)


def test_a_folder_in_it_is_not(folder: Path) -> None:
    (folder / "code").mkdir()
    (folder / "code" / "weights.safetensors").write_bytes(b"x")
    with pytest.raises(BadValue, match=r"code/weights.safetensors"):
        check_foreign(folder)


@pytest.mark.parametrize("framework", ["abacus", "pickle", "<b>"])
def test_another_framework_is_not(tmp_path: Path, framework: str) -> None:
    with pytest.raises(BadValue, match="a model of caffe or tensorflow or torch"):
        check_foreign(make(tmp_path, framework))


@pytest.mark.parametrize("field", ["source: '/etc/passwd'", 'mean_file :"../x"', 'root_folder:"/"'])
def test_a_caffe_net_that_names_files_is_not(tmp_path: Path, field: str) -> None:
    make(tmp_path, "caffe", "weights.caffemodel")
    (tmp_path / "deploy.prototxt").write_text(f"layer {{ data_param {{ {field} }} }}")
    with pytest.raises(BadValue, match="a net that names no other files"):
        check_foreign(tmp_path)


def test_a_card_that_is_none_is_not(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"has no model.json"):
        check_foreign(tmp_path)
