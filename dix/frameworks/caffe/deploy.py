"""Make the net that answers out of the net that trained: no data, no labels, no losses."""

from __future__ import annotations

from typing import Any

from dix.frameworks.caffe.layers.base import Shape, SourceLayer
from dix.frameworks.caffe.layers.lookup import is_loss
from dix.frameworks.caffe.net import Net
from dix.frameworks.caffe.schema import make_message

# What a loss becomes when it answers instead: the layer of its probabilities.
_ANSWERS = {"SoftmaxWithLoss": "Softmax", "SigmoidCrossEntropyLoss": "Sigmoid"}
_NOT_KEPT = {"Accuracy", "Silence"}


def make_deploy(net: Net) -> Any:
    """The NetParameter that answers, of a net built for the test: an input, its layers, `prob` at the end.

    The first top of the first data layer becomes the input, with its shape for one item. Layers that need another top
    of a data layer (the labels) are left out, and so are those that need what they make. The last loss that has one
    becomes the layer of its probabilities.
    """
    deploy = make_message("NetParameter")
    deploy.name = net.name
    known: set[str] = set()
    last = _find_last_loss(net)
    for name, layer in net.layers.items():
        if isinstance(layer, SourceLayer):
            if not known:
                _add_input(deploy, layer.spec.top[0], net.shapes[layer.spec.top[0]])
                known.add(layer.spec.top[0])
        elif name == last:
            answer = deploy.layer.add()
            answer.name, answer.type = "prob", _ANSWERS[layer.spec.type]
            answer.bottom.append(layer.spec.bottom[0])
            answer.top.append("prob")
            answer.softmax_param.CopyFrom(layer.spec.softmax_param)
        elif known.issuperset(layer.spec.bottom) and not is_loss(layer.spec) and layer.spec.type not in _NOT_KEPT:
            _copy(deploy, layer.spec)
            known.update(layer.spec.top)
    return deploy


def find_input(net: Net) -> tuple[str, SourceLayer]:
    """The blob that `make_deploy` makes the input, and the layer it comes from."""
    layer = next(layer for layer in net.layers.values() if isinstance(layer, SourceLayer))
    return str(layer.spec.top[0]), layer


def _find_last_loss(net: Net) -> str | None:
    losses = [name for name, layer in net.layers.items() if layer.spec.type in _ANSWERS]
    return losses[-1] if losses else None


def _add_input(deploy: Any, top: str, shape: Shape) -> None:
    layer = deploy.layer.add()
    layer.name, layer.type = top, "Input"
    layer.top.append(top)
    layer.input_param.shape.add().dim.extend((1, *shape[1:]))


def _copy(deploy: Any, spec: Any) -> None:
    layer = deploy.layer.add()
    layer.CopyFrom(spec)
    for name in ("include", "exclude", "phase", "blobs", "loss_weight"):
        layer.ClearField(name)
