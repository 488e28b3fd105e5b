"""The nets for spoken words: spectrograms in, one number a class out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

Size = Annotated[int, Field(ge=1, le=65536)]


class SpeechNet(BaseModel):
    """What the net is built from; lies in the model card as `net`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    net: Literal["cnn", "lstm"]
    mels: Annotated[int, Field(ge=1, le=256)]
    classes: Annotated[int, Field(ge=2)]
    channels: tuple[Size, ...] = Field((16, 32, 64), min_length=1, max_length=8)
    hidden: Annotated[int, Field(ge=1, le=8192)] = 96
    layers: Annotated[int, Field(ge=1, le=8)] = 1
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0


class SpectrogramCnn(nn.Module):
    """Blocks of convolution, batch norm, ReLU and halving; of each band the strongest moment counts.

    When in the sound a word is said does not matter then, but how high it is does.
    """

    def __init__(self, spec: SpeechNet) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        before, bands = 1, spec.mels
        for channels in spec.channels:
            blocks += [nn.Conv2d(before, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
            # A side of one stays as it is.
            blocks.append(nn.MaxPool2d(2, ceil_mode=True))
            before, bands = channels, (bands + 1) // 2
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Dropout(spec.dropout), nn.Linear(before * bands, spec.classes))

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """The tensor `mel` [n, frames, mels] to logits [n, classes]."""
        found = self.blocks(batch["mel"].unsqueeze(1))
        logits: Tensor = self.head(found.amax(2).flatten(1))
        return logits


class SpectrogramLstm(nn.Module):
    """Cells that read the moments in both directions; the mean of what they say is classified."""

    def __init__(self, spec: SpeechNet) -> None:
        super().__init__()
        self.cells = _make_cells(spec.mels, spec.hidden)
        above = (_make_cells(2 * spec.hidden, spec.hidden) for _ in range(spec.layers - 1))
        self.above = nn.ModuleList(nn.Sequential(nn.Dropout(spec.dropout), cells) for cells in above)
        self.head = nn.Sequential(nn.Dropout(spec.dropout), nn.Linear(2 * spec.hidden, spec.classes))

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """The tensor `mel` [n, frames, mels] to logits [n, classes]."""
        said, _ = self.cells(batch["mel"])
        for layer in self.above:
            said, _ = layer(said.contiguous())
        logits: Tensor = self.head(said.mean(1))
        return logits


def _make_cells(features: int, hidden: int) -> nn.LSTM:
    return nn.LSTM(features, hidden, batch_first=True, bidirectional=True)
