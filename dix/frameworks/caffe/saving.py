"""A model's folder of Caffe: `deploy.prototxt`, `weights.caffemodel` and the card that says how to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dix.errors import BadData, BadModel
from dix.frameworks.base import ModelCard, TensorSpec
from dix.frameworks.caffe.deploy import find_input, make_deploy
from dix.frameworks.caffe.files import read_mean, read_net, write_mean, write_text
from dix.frameworks.caffe.layers.base import SourceLayer
from dix.frameworks.caffe.net import Net, NetOrigin
from dix.frameworks.caffe.paths import find_paths
from dix.frameworks.caffe.schema import TEST, make_message
from dix.frameworks.caffe.weights import load_weights, save_weights
from dix.frameworks.card import write_card

DEPLOY_FILE, WEIGHTS_FILE, MEAN_FILE = "deploy.prototxt", "weights.caffemodel", "mean.binaryproto"
_IMAGES = {"Data", "ImageData"}


@dataclass(frozen=True, slots=True)
class SaveOrder:
    """What goes into the folder: the trained net, and the same net as it is tested, which says what comes in."""

    folder: Path
    trained: Net
    tested: Net
    params: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)


def save_model(order: SaveOrder) -> ModelCard:
    """Write the model's folder and answer its card; raises BadData for a net without an answer."""
    deploy = make_deploy(order.tested)
    write_text(order.folder / DEPLOY_FILE, deploy)
    save_weights(order.trained, order.folder / WEIGHTS_FILE)
    answering = load_net(order.folder)
    if len(answering.outputs) < 1:
        raise BadData(order.trained.name, "nothing is left of the net without its data and losses", "give it an answer")
    name, source = find_input(order.tested)
    card = _make_card(order, answering, name, source)
    write_card(order.folder, card)
    return card


def load_net(folder: Path, device: str = "cpu") -> Net:
    """The net of a model's folder, ready to answer; raises BadModel."""
    path = folder / DEPLOY_FILE
    state = make_message("NetState")
    state.phase = TEST
    try:
        net = Net(read_net(path).message, state, NetOrigin(str(path), find_paths(path), device=device))
        load_weights(net, folder / WEIGHTS_FILE)
    except BadData as error:
        raise BadModel(str(folder), str(error)) from error
    if len(net.inputs) != 1:
        raise BadModel(str(folder), f"its net has {len(net.inputs)} inputs, it must have one")
    for param in net.params:
        param.tensor.requires_grad_(False)
    return net


def _make_card(order: SaveOrder, net: Net, name: str, source: SourceLayer) -> ModelCard:
    output = find_output(net)
    shape = net.shapes[output]
    is_classifier = output in _list_probabilities(net) and len(shape) > 1 and set(shape[2:]) <= {1}
    given, preprocessing = _describe_input(order, name, source)
    return ModelCard(
        algorithm="caffe",
        framework="caffe",
        inputs=(given,),
        outputs=_describe_classes(shape[1]) if is_classifier else (TensorSpec(output, "FP32", (-1, *shape[1:])),),
        labels=tuple(str(i) for i in range(shape[1])) if is_classifier else (),
        preprocessing=preprocessing,
        net={"input": name, "output": output},
        params=dict(order.params),
        metrics=dict(order.metrics),
    )


def find_output(net: Net) -> str:
    """The blob that is the answer: the probabilities of the last Softmax that nothing follows, else the last output."""
    return (_list_probabilities(net) or net.outputs)[-1]


def _list_probabilities(net: Net) -> list[str]:
    tops = [layer.spec.top[0] for layer in net.layers.values() if layer.spec.type == "Softmax"]
    return [top for top in tops if top in net.outputs]


def _describe_classes(count: int) -> tuple[TensorSpec, ...]:
    return TensorSpec("label", "BYTES", (-1,)), TensorSpec("probabilities", "FP32", (-1, count))


def _describe_input(order: SaveOrder, name: str, source: SourceLayer) -> tuple[TensorSpec, dict[str, Any]]:
    """What is handed to the model: raw pixels where it learned from images, the blob itself otherwise."""
    shape = order.tested.shapes[name]
    if source.spec.type not in _IMAGES or shape[1] not in {1, 3}:
        return TensorSpec(name, "FP32", (-1, *shape[1:])), {}
    param = source.spec.transform_param
    colours = () if shape[1] == 1 else (3,)
    preprocessing: dict[str, Any] = {"scale": param.scale, "crop": list(shape[2:]) if param.crop_size else []}
    if param.HasField("mean_file"):
        write_mean(order.folder / MEAN_FILE, read_mean(source.paths.find(param.mean_file)))
        preprocessing["mean_file"] = MEAN_FILE
    elif param.mean_value:
        preprocessing["mean"] = list(param.mean_value)
    size = (-1, -1) if param.crop_size else shape[2:]
    if source.spec.type == "ImageData" and source.spec.image_data_param.new_height:
        image = source.spec.image_data_param
        preprocessing["resize"], size = [image.new_height, image.new_width], (-1, -1)
    elif param.HasField("mean_file"):
        size = read_mean(order.folder / MEAN_FILE).shape[1:]
    return TensorSpec("image", "UINT8", (-1, *size, *colours)), preprocessing
