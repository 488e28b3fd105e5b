"""What the algorithms for sounds and clips have in common: reading them, and how a trained model reads them again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.algorithms.base import StepContext
from dix.algorithms.lesson import count_left_out, hold_out
from dix.data.bad_rows import BadRows
from dix.data.clips import Clips
from dix.data.labelled_media import LabelledMedia, MediaOptions, read_labelled_media
from dix.data.labels import find_targets, sort_labels
from dix.data.media import Medium
from dix.data.sounds import Sounds
from dix.errors import BadData
from dix.frameworks.base import ModelCard
from dix.frameworks.training import Examples


@dataclass(frozen=True, slots=True)
class MediaSets:
    """What was read to learn from and to stop by, with the classes, and what was left out as a metric."""

    labels: tuple[str, ...]
    train: Examples
    valid: Examples | None
    left_out: dict[str, int]


def find_medium(card: ModelCard) -> Medium | None:
    """How the files are read that a model is asked with; None where they are images, or no files at all."""
    kept = card.preprocessing
    if kept.get("kind") == "speech":
        return Sounds(int(kept["sample_rate"]))
    if kept.get("kind") == "clips":
        return Clips(*(int(kept[name]) for name in ("frames", "height", "width", "colours")))
    return None


def read_media_sets(context: StepContext, tensor: str, options: MediaOptions) -> MediaSets:
    """The inputs `train` and `valid` as the tensor of that name; without `valid` a part of `train` is kept aside."""
    params, of_train, of_valid = context.params, BadRows(context.bad_rows), BadRows(context.bad_rows)
    options = replace(options, memory_bytes=context.memory_bytes, threads=max(1, int(context.cpus)))
    uri, word = context.inputs["train"], options.medium.word
    learned = read_labelled_media(context.store, uri, replace(options, bad_rows=of_train))
    labels = sort_labels(learned.labels)
    if len(labels) < 2:
        raise BadData(uri, f"all {word}s are of one class, {labels[0]}", "give it two or more")
    train = _make_examples(tensor, learned, labels)
    if "valid" in context.inputs:
        held_out = read_labelled_media(context.store, context.inputs["valid"], replace(options, bad_rows=of_valid))
        others = _make_examples(tensor, held_out, labels)
        _check_known(context.inputs["valid"], others, held_out.labels)
        valid: Examples | None = others
    else:
        is_valid = hold_out(train.targets, params["validation_split"], params["seed"])
        valid = train.take(is_valid) if is_valid is not None else None
        train = train.take(~is_valid) if is_valid is not None else train
    return MediaSets(labels, train, valid, count_left_out(of_train, of_valid))


def _make_examples(tensor: str, read: LabelledMedia, labels: tuple[str, ...]) -> Examples:
    return Examples({tensor: read.examples}, find_targets(read.labels, labels))


def _check_known(uri: str, valid: Examples, labels: NDArray[Any]) -> None:
    unknown = np.flatnonzero(valid.targets < 0)
    if len(unknown):
        raise BadData(uri, f"it has the class {labels[unknown[0]]}, which the training data does not have")
