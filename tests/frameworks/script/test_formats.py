"""What lies in a model folder, by what it is and what loading it takes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import torch

from dix.frameworks.script.formats import recognise_format


@pytest.mark.parametrize(
    ("names", "format", "loading"),
    [
        (["model.safetensors", "config.json"], "safetensors", "code"),
        (["1/saved_model.pb", "1/variables/variables.index"], "savedmodel", "code"),
        (["net.onnx", "labels.txt"], "onnx", "data"),
        (["small.gguf"], "gguf", "data"),
        (["net.caffemodel", "deploy.prototxt"], "caffe", "data"),
        (["model.joblib"], "pickle", "pickles"),
        (["model.pt"], "pickle", "pickles"),
        (["broken.keras"], "keras", "code"),
        (["notes.txt"], "opaque", "unknown"),
    ],
)
def test_names_tell(tmp_path: Path, names: list[str], format: str, loading: str) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    found = recognise_format(tmp_path)
    assert (found.name, found.loading) == (format, loading)


@pytest.mark.parametrize(("layer", "loading"), [("Dense", "data"), ("Lambda", "code")])
def test_a_keras_file_with_a_function_in_it_runs_code(tmp_path: Path, layer: str, loading: str) -> None:
    with zipfile.ZipFile(tmp_path / "net.keras", "w") as archive:
        archive.writestr("config.json", f'{{"layers": [{{"class_name": "{layer}"}}]}}')
    assert recognise_format(tmp_path).loading == loading


def test_a_caffe_net_with_a_python_layer_runs_code(tmp_path: Path) -> None:
    (tmp_path / "net.caffemodel").touch()
    (tmp_path / "deploy.prototxt").write_text("layer { type: 'Python' }")
    assert recognise_format(tmp_path).loading == "code"


def test_what_torch_writes_is_told_apart(tmp_path: Path) -> None:
    net = torch.nn.Linear(2, 1)
    found = {}
    for name in ("saved", "scripted", "exported"):
        (tmp_path / name).mkdir()
    torch.save(net.state_dict(), tmp_path / "saved" / "net.pt")
    torch.jit.script(net).save(str(tmp_path / "scripted" / "net.pt"))
    torch.export.save(torch.export.export(net, (torch.zeros(1, 2),)), tmp_path / "exported" / "net.pt2")
    for name in ("saved", "scripted", "exported"):
        recognised = recognise_format(tmp_path / name)
        found[name] = recognised.name, recognised.loading
    assert found == {
        "saved": ("pickle", "pickles"),
        "scripted": ("torchscript", "code"),
        "exported": ("torch.export", "code"),
    }
