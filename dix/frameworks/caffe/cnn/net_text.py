"""Write the `train_val.prototxt` of a convolutional net: the same net as on the other frameworks, in Caffe's layers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dix.frameworks.caffe.cnn.feed import Feed
from dix.frameworks.cnn_spec import CnnNet

WEIGHTS_OF_CLASSES = "class_weights.binaryproto"
IMAGES, LABELS, SCORES = "data", "label", "classes"
_STAGES = (64, 128, 256, 512)
_SMALL = 64
_MSRA = 'weight_filler { type: "msra" }'


@dataclass(frozen=True, slots=True)
class NetOrder:
    """What the text says beside the net: how images come in, and what is done to them while training.

    `crop` is the side that a larger, training image is cut to by chance (0: it is as large as it should be).
    """

    spec: CnnNet
    feed: Feed
    batch_size: int
    crop: int = 0
    mirror: bool = False
    weighs_classes: bool = False


def write_net(order: NetOrder) -> str:
    """The net with its two phases, as text."""
    text = _Text()
    _add_data(text, order)
    if order.spec.architecture == "resnet18":
        _add_residual(text, order.spec)
    else:
        _add_plain(text, order.spec)
    _add_ends(text, weighs_classes=order.weighs_classes)
    return 'name: "cnn"\n' + "".join(text.layers)


@dataclass(slots=True)
class _Text:
    """The layers so far; `top` is the blob that the next one takes, `size` its height and width."""

    layers: list[str] = field(default_factory=list)
    top: str = IMAGES
    size: tuple[int, int] = (0, 0)

    def add(
        self, kind: str, name: str, params: str = "", *, bottoms: tuple[str, ...] = (), in_place: bool = False
    ) -> None:
        """A layer over `bottoms`, by default over the last blob; its own blob has its name, unless it is in place."""
        names = " ".join(f'bottom: "{bottom}"' for bottom in bottoms or (self.top,))
        self.top = self.top if in_place else name
        self.layers.append(f'layer {{ name: "{name}" type: "{kind}" {names} top: "{self.top}" {params} }}\n')

    def convolve(self, name: str, outputs: int, kernel: int, stride: int = 1, *, bias: bool = False) -> None:
        """A convolution that keeps the size, or divides it by `stride`."""
        bias_term = "" if bias else "bias_term: false "
        shape = f"num_output: {outputs} kernel_size: {kernel} pad: {kernel // 2} stride: {stride}"
        self.add("Convolution", name, f"convolution_param {{ {shape} {bias_term}{_MSRA} }}")

    def normalize(self, name: str) -> None:
        """Batch norm, with the factor and the shift of each channel that Caffe has in a layer of its own."""
        self.add("BatchNorm", f"{name}_norm", "batch_norm_param { moving_average_fraction: 0.9 }", in_place=True)
        self.add("Scale", f"{name}_scale", "scale_param { bias_term: true }", in_place=True)

    def rectify(self, name: str) -> None:
        """What is below 0 becomes 0."""
        self.add("ReLU", f"{name}_relu", in_place=True)

    def drop(self, ratio: float) -> None:
        """A share of what is there is left out, by chance, while training."""
        if ratio:
            self.add("Dropout", "dropout", f"dropout_param {{ dropout_ratio: {ratio} }}", in_place=True)

    def score(self, classes: int) -> None:
        """One number for each class."""
        filler = 'weight_filler { type: "xavier" }'
        self.add("InnerProduct", SCORES, f"inner_product_param {{ num_output: {classes} {filler} }}")


def _add_data(text: _Text, order: NetOrder) -> None:
    spec, feed = order.spec, order.feed
    text.size = (spec.height, spec.width)
    means = " ".join(f"mean_value: {mean}" for mean in feed.mean)
    chance = f"{f' crop_size: {order.crop}' if order.crop else ''}{' mirror: true' if order.mirror else ''}"
    size = f"channels: {spec.colours} height: {spec.height} width: {spec.width}"
    for phase, more in (("TRAIN", chance), ("TEST", "")):
        text.layers.append(
            f'layer {{ name: "images" type: "MemoryData" top: "{IMAGES}" top: "{LABELS}" include {{ phase: {phase} }}\n'
            f"  transform_param {{ scale: {feed.scale} {means}{more} }}\n"
            f"  memory_data_param {{ batch_size: {order.batch_size} {size} }} }}\n"
        )


def _add_plain(text: _Text, spec: CnnNet) -> None:
    """Blocks of convolution, batch norm, ReLU and halving; then one hidden layer and the classes.

    Caffe rounds a half up. What is left is averaged down to at most 4 x 4 places.
    """
    for i, channels in enumerate(spec.channels):
        text.convolve(f"conv{i}", channels, spec.kernel, bias=not spec.batch_norm)
        if spec.batch_norm:
            text.normalize(f"conv{i}")
        text.rectify(f"conv{i}")
        if min(text.size) >= 2:
            text.add("Pooling", f"pool{i}", "pooling_param { pool: MAX kernel_size: 2 stride: 2 }")
            text.size = (-(-text.size[0] // 2), -(-text.size[1] // 2))
    if max(text.size) > 4:
        high, wide = (math.ceil(side / 4) for side in text.size)
        window = f"kernel_h: {high} kernel_w: {wide} stride_h: {high} stride_w: {wide}"
        text.add("Pooling", "average", f"pooling_param {{ pool: AVE {window} }}")
    if spec.hidden:
        text.add("InnerProduct", "hidden", f"inner_product_param {{ num_output: {spec.hidden} {_MSRA} }}")
        text.rectify("hidden")
    text.drop(spec.dropout)
    text.score(spec.classes)


def _add_residual(text: _Text, spec: CnnNet) -> None:
    """ResNet-18; its stem quarters an image, unless one of its sides is smaller than 64 pixels."""
    is_small = min(text.size) < _SMALL
    text.convolve("stem", _STAGES[0], 3 if is_small else 7, 1 if is_small else 2)
    text.normalize("stem")
    text.rectify("stem")
    if not is_small:
        text.add("Pooling", "stem_pool", "pooling_param { pool: MAX kernel_size: 3 stride: 2 pad: 1 }")
    for stage, channels in enumerate(_STAGES):
        for block in range(2):
            _add_block(text, f"stage{stage}_{block}", channels, 2 if stage and not block else 1)
    text.add("Pooling", "average", "pooling_param { pool: AVE global_pooling: true }")
    text.drop(spec.dropout)
    text.score(spec.classes)


def _add_block(text: _Text, name: str, channels: int, stride: int) -> None:
    """Two convolutions, and what came in added to what they say."""
    before = text.top
    text.convolve(f"{name}_a", channels, 3, stride)
    text.normalize(f"{name}_a")
    text.rectify(f"{name}_a")
    text.convolve(f"{name}_b", channels, 3)
    text.normalize(f"{name}_b")
    long = text.top
    if stride > 1:
        text.top = before
        text.convolve(f"{name}_short", channels, 1, stride)
        text.normalize(f"{name}_short")
        before = text.top
    text.add("Eltwise", name, bottoms=(long, before))
    text.rectify(name)


def _add_ends(text: _Text, *, weighs_classes: bool) -> None:
    """The loss; classes have weights while training only, as the diagonal of Caffe's InfogainLoss."""
    both = (SCORES, LABELS)
    text.add("Accuracy", "accuracy", "include { phase: TEST }", bottoms=both)
    if not weighs_classes:
        text.add("SoftmaxWithLoss", "loss", bottoms=both)
        return
    source = f'infogain_loss_param {{ source: "{WEIGHTS_OF_CLASSES}" }}'
    text.add("InfogainLoss", "loss", f"include {{ phase: TRAIN }} {source}", bottoms=both)
    text.add("SoftmaxWithLoss", "loss", "include { phase: TEST }", bottoms=both)
