"""Recognises what a script has left as its model, and what it takes to load that. Nothing is loaded for it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Loading = Literal["data", "code", "pickles", "unknown"]


@dataclass(frozen=True, slots=True)
class Format:
    """`loading` says what happens when it is loaded: data is read, code of somebody is run, pickles are opened."""

    name: str
    loading: Loading
    file: str


def recognise_format(folder: Path) -> Format:
    """The first format of the list that a file of the folder has; opaque when none has."""
    files = sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: (len(path.parts), path))
    for find in _FINDERS:
        for path in files:
            found = find(path)
            if found is not None:
                return Format(*found, path.relative_to(folder).as_posix())
    return Format("opaque", "unknown", files[0].relative_to(folder).as_posix() if files else "")


def _find_saved_model(path: Path) -> tuple[str, Loading] | None:
    return ("savedmodel", "code") if path.name == "saved_model.pb" else None


def _find_keras(path: Path) -> tuple[str, Loading] | None:
    if path.suffix != ".keras":
        return None
    # A layer made of a function carries that function's code.
    config = _read_inner(path, "config.json")
    return "keras", "code" if config is None or re.search(rb'"class_name":\s*"Lambda"', config) else "data"


def _find_torch_archive(path: Path) -> tuple[str, Loading] | None:
    """torch.export, TorchScript and torch.save all write zip files; what is in them tells which."""
    names = _list_inner(path) if path.suffix in {".pt2", ".pt", ".pth", ".ptc", ".bin", ".ts"} else ()
    if any(re.search(r"(^|/)(models/\w+\.json|serialized_exported_program\.json)$", name) for name in names):
        return "torch.export", "code"  # its sizes are expressions, which torch evaluates; it may hold pickles besides
    if any(name.endswith("/constants.pkl") for name in names) and any("/code/" in name for name in names):
        return "torchscript", "code"
    return None


def _find_by_ending(path: Path) -> tuple[str, Loading] | None:
    return _ENDINGS.get(path.suffix.lower())


def _find_caffe(path: Path) -> tuple[str, Loading] | None:
    if path.suffix != ".caffemodel":
        return None
    nets = [net.read_text(errors="replace") for net in path.parent.glob("*.prototxt")]
    runs_code = any(re.search(r"""type\s*:\s*["']Python["']""", net) for net in nets)
    return "caffe", "code" if runs_code else "data"


def _find_safetensors(path: Path) -> tuple[str, Loading] | None:
    """Weights alone: the net that they belong to is in somebody's code."""
    return ("safetensors", "code") if path.suffix == ".safetensors" else None


def _find_pickle(path: Path) -> tuple[str, Loading] | None:
    return ("pickle", "pickles") if path.suffix.lower() in _PICKLES else None


def _list_inner(path: Path) -> Iterable[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return ()


def _read_inner(path: Path, name: str) -> bytes | None:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(name)
    except (OSError, zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError):
        return None


_PICKLES = frozenset({".pt", ".pth", ".pkl", ".pickle", ".joblib", ".bin", ".ckpt"})
_ENDINGS: dict[str, tuple[str, Loading]] = {".onnx": ("onnx", "data"), ".gguf": ("gguf", "data")}
_FINDERS: tuple[Callable[[Path], tuple[str, Loading] | None], ...] = (
    _find_saved_model,
    _find_keras,
    _find_torch_archive,
    _find_by_ending,
    _find_caffe,
    _find_safetensors,
    _find_pickle,
)
