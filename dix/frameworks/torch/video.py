"""The nets for clips as a design: raw frames in, one number a class out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from dix.frameworks.torch.cnn_net import Normalize
from dix.frameworks.torch.design import Design
from dix.frameworks.training import TrainOrder

Size = Annotated[int, Field(ge=1, le=65536)]
_NET_PARAMS = ("net", "channels", "hidden", "dropout")
# What an image is averaged down to before its cells look at it.
_PLACES = 4


class VideoNet(BaseModel):
    """What the net is built from; lies in the model card as `net`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    net: Literal["conv", "lstm"]
    colours: Annotated[int, Field(ge=1, le=4)]
    classes: Annotated[int, Field(ge=2)]
    channels: tuple[Size, ...] = Field((16, 32), min_length=1, max_length=8)
    hidden: Annotated[int, Field(ge=1, le=8192)] = 64
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0


class ClipNet(nn.Module):
    """Each frame is normalised; blocks of convolution find what is where, then it is told what moves.

    `conv` looks over the neighbouring frames after each block, in space and in time apart ((2+1)D, Tran et al. 2018,
    arXiv:1711.11248), and takes the mean; `lstm` gives what the blocks find in each frame to cells in turn.
    """

    def __init__(self, spec: VideoNet) -> None:
        super().__init__()
        self.normalize = Normalize(spec.colours)
        blocks: list[nn.Module] = []
        before = spec.colours
        for channels in spec.channels:
            blocks += _make_layer(before, channels, (1, 3, 3))
            if spec.net == "conv":
                blocks += _make_layer(channels, channels, (3, 1, 1))
            # A side of one stays as it is.
            blocks.append(nn.MaxPool3d((1, 2, 2), ceil_mode=True))
            before = channels
        self.blocks = nn.Sequential(*blocks)
        self.cells: nn.LSTM | None = None
        if spec.net == "lstm":
            self.cells = nn.LSTM(before * _PLACES * _PLACES, spec.hidden, batch_first=True)
        said = spec.hidden if spec.net == "lstm" else before
        self.head = nn.Sequential(nn.Dropout(spec.dropout), nn.Linear(said, spec.classes))

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Raw frames, the tensor `video` [n, frames, h, w(, c)], to logits [n, classes]."""
        clips = batch["video"]
        count, frames = clips.shape[:2]
        pixels = self.normalize(clips.flatten(0, 1)).unflatten(0, (count, frames))
        found = self.blocks(pixels.transpose(1, 2))
        if self.cells is None:
            said = found.mean((2, 3, 4))
        else:
            small = nn.functional.adaptive_avg_pool3d(found, (frames, _PLACES, _PLACES))
            said = self.cells(small.transpose(1, 2).flatten(2))[0][:, -1]
        logits: Tensor = self.head(said)
        return logits


def _make_layer(before: int, after: int, kernel: tuple[int, int, int]) -> list[nn.Module]:
    convolution = nn.Conv3d(before, after, kernel, padding="same", bias=False)
    return [convolution, nn.BatchNorm3d(after), nn.ReLU()]


def _plan(order: TrainOrder) -> VideoNet:
    clips = order.train.tensors["video"]
    params = {name: order.params[name] for name in _NET_PARAMS if name in order.params}
    return VideoNet(colours=clips.shape[4] if clips.ndim == 5 else 1, classes=order.outcome.width, **params)


def _build(spec: VideoNet, preprocessing: Mapping[str, Any]) -> nn.Module:
    net = ClipNet(spec)
    net.normalize.set_scaling(255.0, preprocessing["mean"], preprocessing["std"])
    return net


VIDEO = Design(spec=VideoNet, plan=_plan, build=_build)
