"""Read and write Caffe's files: nets, solvers, weights, states, means; text or binary by what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from dix.errors import BadData, DataMissing
from dix.frameworks.caffe.blobs import Array, make_blob, read_blob
from dix.frameworks.caffe.prototxt import Unknown, format_text, parse_text
from dix.frameworks.caffe.schema import make_message, make_raw_message
from dix.frameworks.caffe.upgrade import upgrade_net, upgrade_solver


@dataclass(frozen=True, slots=True)
class TextFile:
    """A prototxt that was read: its `message`, upgraded, and what in it is `unknown` to the schema."""

    message: Any
    unknown: tuple[Unknown, ...] = ()


def read_net(path: Path) -> TextFile:
    """A net's prototxt; raises DataMissing or BadData."""
    file = _read_text(path, "NetParameter")
    upgrade_net(str(path), file.message)
    return file


def read_solver(path: Path) -> TextFile:
    """A solver's prototxt; raises DataMissing or BadData. A file that names no snapshot prefix gets its own name."""
    file = _read_text(path, "SolverParameter")
    upgrade_solver(str(path), file.message)
    if not file.message.HasField("snapshot_prefix"):
        file.message.snapshot_prefix = path.stem
    return file


def read_text_message(path: Path, name: str) -> Any:
    """Any message as text, as it stands."""
    return _read_text(path, name).message


def read_weights(path: Path) -> Any:
    """A `.caffemodel` as a raw NetParameter, upgraded; raises DataMissing or BadData."""
    net = _read_binary(path, "NetParameter")
    upgrade_net(str(path), net)
    if not net.layer:
        raise BadData(str(path), "there is no layer in it", "is it a .caffemodel?")
    return net


def read_state(path: Path) -> Any:
    """A `.solverstate` as a raw SolverState; raises DataMissing or BadData."""
    return _read_binary(path, "SolverState")


def read_mean(path: Path) -> Array:
    """A mean image (`.binaryproto`) as channels, height, width; raises DataMissing or BadData."""
    mean = read_blob(str(path), _read_binary(path, "BlobProto"))
    return mean.reshape(mean.shape[-3:])


def write_mean(path: Path, mean: Array) -> None:
    """Write a mean image of channels, height, width the way Caffe's own tool does."""
    blob = make_blob(mean)
    blob.ClearField("shape")
    blob.num, (blob.channels, blob.height, blob.width) = 1, mean.shape
    write_message(path, blob)


def write_message(path: Path, message: Any) -> None:
    """Write a message in binary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(message.SerializeToString())


def write_text(path: Path, message: Any) -> None:
    """Write a message as text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(format_text(message), encoding="utf-8")


def read_bytes(path: Path) -> bytes:
    """What a file holds; raises DataMissing when there is none."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise DataMissing(str(path), "there is no such file") from error


def _read_text(path: Path, name: str) -> TextFile:
    text = read_bytes(path).decode("utf-8", errors="replace")
    message = make_message(name)
    return TextFile(message, tuple(parse_text(str(path), text, message)))


def _read_binary(path: Path, name: str) -> Any:
    content, message = read_bytes(path), make_raw_message(name)
    try:
        message.ParseFromString(content)
    except DecodeError as error:
        raise BadData(str(path), f"it is not a binary {name}", "is the file whole?") from error
    return message
