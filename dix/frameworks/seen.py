"""What users of a trained recommendation have had since: added to the arrays in its model folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from dix.frameworks.base import ModelCard
from dix.frameworks.card import read_card, write_card

_WEIGHTS_FILE = "weights.safetensors"


def add_seen(folder: Path, users: NDArray[np.int64], items: NDArray[np.int64]) -> ModelCard:
    """Add events, `users` by their places from 1 and `items` from 0, so that these items are not answered again."""
    arrays = load_file(folder / _WEIGHTS_FILE)
    counts = np.diff(arrays["seen_ends"], prepend=0)
    its_users = np.concatenate([np.repeat(np.arange(len(counts)), counts), users])
    its_items = np.concatenate([arrays["seen_items"], items])
    arrays["seen_items"] = its_items[np.argsort(its_users, kind="stable")]
    arrays["seen_ends"] = np.bincount(its_users, minlength=len(counts)).cumsum().astype(np.int64)
    save_file(arrays, folder / _WEIGHTS_FILE)
    card = read_card(folder)
    card = replace(card, net={**card.net, "seen": len(its_items)})
    write_card(folder, card)
    return card
