"""The nets for spoken words take any spectrogram; what training changes by chance keeps its bounds."""

from __future__ import annotations

import pytest
import torch

from dix.frameworks.torch.speech import SPEECH, mask_spectrograms, shift_moments
from dix.frameworks.torch.speech_net import SpeechNet


@pytest.mark.parametrize("net", ["cnn", "lstm"])
@pytest.mark.parametrize(("frames", "mels"), [(1, 4), (98, 40)])
def test_any_spectrogram_becomes_one_number_a_class(net: str, frames: int, mels: int) -> None:
    spec = SpeechNet(net=net, mels=mels, classes=3, channels=(2, 2, 2, 2), hidden=4, layers=2)
    assert SPEECH.build(spec, {}).eval()({"mel": torch.zeros(2, frames, mels)}).shape == (2, 3)


def test_moments_are_shifted_each_by_its_own() -> None:
    mels = torch.arange(20.0).reshape(1, 20, 1).repeat(50, 1, 3)
    moved = shift_moments(mels, 4, torch.Generator().manual_seed(0))
    steps = (moved[:, 10, 0] - 10).tolist()
    assert set(steps) == set(range(-4, 5))
    assert torch.equal(moved[..., 0], moved[..., 2])


def test_masks_cover_whole_bands_and_moments_up_to_their_share() -> None:
    covered = mask_spectrograms(torch.ones(40, 30, 20), 0.2, torch.Generator().manual_seed(0)) == 0
    assert covered.any()
    assert covered.all(dim=1).sum(dim=1).max() <= 4
    assert covered.all(dim=2).sum(dim=1).max() <= 6


def test_augmenting_changes_what_it_is_told_to() -> None:
    mels = torch.randn(4, 30, 20, generator=torch.Generator().manual_seed(1))
    off = {"augment_shift": 0, "augment_noise": 0, "augment_mask": 0}
    for name, value in ({"": 0} | {"augment_shift": 5, "augment_noise": 0.5, "augment_mask": 0.5}).items():
        changed = SPEECH.augment({"mel": mels}, off | {name: value}, torch.Generator().manual_seed(0))["mel"]
        assert torch.equal(changed, mels) == (not name)
