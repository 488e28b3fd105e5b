"""Find the layer of a type by its name in a prototxt, and say which types there are and are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dix.frameworks.caffe.layers import (
    arithmetic,
    convolution,
    elementwise,
    inputs,
    losses,
    normalization,
    pooling,
    recurrent,
    shaping,
    summing,
)
from dix.frameworks.caffe.layers.base import Layer, LossLayer
from dix.frameworks.caffe.paths import Paths
from dix.frameworks.caffe.sources import hdf5_data, image_list, lmdb_data, memory
from dix.names import find_nearest

_ANY = 1_000_000
_LEVELDB, _STOCHASTIC = 0, 2


@dataclass(frozen=True, slots=True)
class _Kind:
    """A type of layer, and how many bottoms and tops it takes: at least, at most."""

    make: type[Layer]
    bottoms: tuple[int, int] = (1, 1)
    tops: tuple[int, int] = (1, 1)
    same_count: bool = False


_KINDS: dict[str, _Kind] = {
    "AbsVal": _Kind(elementwise.AbsVal),
    "Accuracy": _Kind(summing.Accuracy, (2, 2), (1, 2)),
    "ArgMax": _Kind(summing.ArgMax),
    "BNLL": _Kind(elementwise.BNLL),
    "BatchNorm": _Kind(normalization.BatchNorm),
    "BatchReindex": _Kind(shaping.BatchReindex, (2, 2)),
    "Bias": _Kind(arithmetic.Bias, (1, 2)),
    "Clip": _Kind(elementwise.Clip),
    "Concat": _Kind(shaping.Concat, (1, _ANY)),
    "ContrastiveLoss": _Kind(losses.ContrastiveLoss, (3, 3)),
    "Convolution": _Kind(convolution.Convolution, (1, _ANY), (1, _ANY), same_count=True),
    "Crop": _Kind(shaping.Crop, (2, 2)),
    "Data": _Kind(lmdb_data.Data, (0, 0), (1, 2)),
    "Deconvolution": _Kind(convolution.Deconvolution, (1, _ANY), (1, _ANY), same_count=True),
    "Dropout": _Kind(elementwise.Dropout),
    "DummyData": _Kind(inputs.DummyData, (0, 0), (1, _ANY)),
    "ELU": _Kind(elementwise.ELU),
    "Eltwise": _Kind(arithmetic.Eltwise, (2, _ANY)),
    "Embed": _Kind(convolution.Embed),
    "EuclideanLoss": _Kind(losses.EuclideanLoss, (2, 2)),
    "Exp": _Kind(elementwise.Exp),
    "Flatten": _Kind(shaping.Flatten),
    "HDF5Data": _Kind(hdf5_data.HDF5Data, (0, 0), (1, _ANY)),
    "HingeLoss": _Kind(losses.HingeLoss, (2, 2)),
    "Im2col": _Kind(convolution.Im2col, (1, _ANY), (1, _ANY), same_count=True),
    "ImageData": _Kind(image_list.ImageData, (0, 0), (1, 2)),
    "InfogainLoss": _Kind(losses.InfogainLoss, (2, 3)),
    "InnerProduct": _Kind(convolution.InnerProduct),
    "Input": _Kind(inputs.Input, (0, 0), (1, _ANY)),
    "LRN": _Kind(normalization.LRN),
    "LSTM": _Kind(recurrent.LSTM, (2, 5), (1, 3)),
    "Log": _Kind(elementwise.Log),
    "MVN": _Kind(normalization.MVN),
    "MemoryData": _Kind(memory.MemoryData, (0, 0), (2, 2)),
    "MultinomialLogisticLoss": _Kind(losses.MultinomialLogisticLoss, (2, 2)),
    "PReLU": _Kind(elementwise.PReLU),
    "Parameter": _Kind(arithmetic.Parameter, (0, 0)),
    "Pooling": _Kind(pooling.Pooling, (1, 1), (1, 2)),
    "Power": _Kind(elementwise.Power),
    "RNN": _Kind(recurrent.RNN, (2, 4), (1, 2)),
    "ReLU": _Kind(elementwise.ReLU),
    "Reduction": _Kind(summing.Reduction),
    "Reshape": _Kind(shaping.Reshape),
    "SPP": _Kind(pooling.Pyramid),
    "Scale": _Kind(arithmetic.Scale, (1, 2)),
    "Sigmoid": _Kind(elementwise.Sigmoid),
    "SigmoidCrossEntropyLoss": _Kind(losses.SigmoidCrossEntropyLoss, (2, 2)),
    "Silence": _Kind(shaping.Silence, (1, _ANY), (0, 0)),
    "Slice": _Kind(shaping.Slice, (1, 1), (1, _ANY)),
    "Softmax": _Kind(summing.Softmax),
    "SoftmaxWithLoss": _Kind(losses.SoftmaxWithLoss, (2, 2), (1, 2)),
    "Split": _Kind(shaping.Split, (1, 1), (1, _ANY)),
    "Swish": _Kind(elementwise.Swish),
    "TanH": _Kind(elementwise.TanH),
    "Threshold": _Kind(elementwise.Threshold),
    "Tile": _Kind(shaping.Tile),
}
# What users' files may name and this does not have, and why.
_UNSUPPORTED = {
    "HDF5Output": "it writes files while it trains; take the blob from bulk prediction",
    "Filter": "the size of what it leaves depends on the values",
    "Python": "it runs code of the net's author inside the net",
    "WindowData": "cutting windows out of images is not supported; prepare them as LMDB",
    "LSTMUnit": "it is a part of LSTM; use LSTM",
}
# Layers of forks of Caffe (SSD, R-CNN, PSPNet), whose nets name them beside Caffe's own.
_OF_FORKS = (
    "AnnotatedData",
    "DetectionEvaluate",
    "DetectionOutput",
    "Interp",
    "MultiBoxLoss",
    "Normalize",
    "PSROIPooling",
    "Permute",
    "PriorBox",
    "Proposal",
    "ROIPooling",
)
_LOSSES = tuple(name for name, kind in _KINDS.items() if issubclass(kind.make, LossLayer))


def list_types() -> list[str]:
    """The names of all types of layers."""
    return sorted(_KINDS)


def list_unsupported() -> dict[str, str]:
    """The types that are known and not supported, with the reason of each."""
    return _UNSUPPORTED | dict.fromkeys(_OF_FORKS, "it belongs to a fork of Caffe")


def make_layer(spec: Any, paths: Paths) -> Layer:
    """The layer of a LayerParameter that `find_problem` has nothing against."""
    return _KINDS[spec.type].make(spec, paths)


def name_tops(spec: Any) -> list[str]:
    """The names of a layer's tops; a loss that names none has one of its own."""
    if not spec.top and spec.type in _LOSSES:
        return [f"(automatic {spec.name})"]
    return list(spec.top)


def is_loss(spec: Any) -> bool:
    """Whether a LayerParameter is of a type that ends in a loss."""
    return spec.type in _LOSSES


def find_problem(spec: Any) -> str | None:
    """Why a LayerParameter cannot be made into a layer, in a sentence; None when it can."""
    head = f"layer {spec.name} ({spec.type})"
    reason = list_unsupported().get(spec.type)
    if reason:
        return f"{head} is not supported: {reason}"
    if spec.type not in _KINDS:
        spelled = {name.lower(): name for name in _KINDS}
        nearest = find_nearest(spec.type.lower(), spelled)
        return f"{head} is not supported" + (f": did you mean {spelled[nearest]}?" if nearest else "")
    if spec.type == "Data" and spec.data_param.HasField("backend") and spec.data_param.backend == _LEVELDB:
        return f"{head} is not supported with LevelDB: convert the records to LMDB, and say backend: LMDB"
    if spec.type == "Pooling" and spec.pooling_param.pool == _STOCHASTIC:
        return f"{head} is not supported with STOCHASTIC: use MAX or AVE"
    return _find_count_problem(head, spec)


def _find_count_problem(head: str, spec: Any) -> str | None:
    kind = _KINDS[spec.type]
    for word, names, (least, most) in (("bottoms", spec.bottom, kind.bottoms), ("tops", name_tops(spec), kind.tops)):
        if not least <= len(names) <= most:
            wanted = f"{least}" if least == most else f"{least} or more" if most == _ANY else f"{least} to {most}"
            return f"{head} has {len(names)} {word}, it wants {wanted}"
    if kind.same_count and len(spec.bottom) != len(spec.top):
        return f"{head} has {len(spec.bottom)} bottoms and {len(spec.top)} tops, it wants as many of both"
    return None
