"""What there is to learn of labelled images, whichever net learns it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from dix.algorithms.base import StepContext
from dix.algorithms.lesson import Lesson, hold_out
from dix.data.bad_rows import BadRows
from dix.data.labelled import ImageOptions, LabelledImages
from dix.data.labels import find_targets, sort_labels
from dix.data.reading import read_labelled_images
from dix.errors import BadData
from dix.frameworks.intakes.images import fit_images
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.resize import resize_image
from dix.frameworks.training import Examples


def read_image_lesson(context: StepContext, of_train: BadRows, of_valid: BadRows) -> Lesson:
    """The images of the ports `train` and, where it is connected, `valid`; otherwise a part of `train` is kept aside.

    Raises BadData for images that cannot be used, and for a `valid` that is not like `train`.
    """
    params = context.params
    images, valid = _read(context, of_train, of_valid)
    labels = sort_labels(images.labels)
    if len(labels) < 2:
        raise BadData(context.inputs["train"], f"all images are of one class, {labels[0]}", "give it two or more")
    train = Examples({"image": images.images}, find_targets(images.labels, labels))
    if valid is not None:
        held_out: Examples | None = _make_valid(context.inputs["valid"], valid, images, labels)
    else:
        is_valid = hold_out(train.targets, params["validation_split"], params["seed"])
        held_out = train.take(is_valid) if is_valid is not None else None
        train = train.take(~is_valid) if is_valid is not None else train
    intake = fit_images(train.tensors["image"], resized=_find_size(params) is not None)
    return Lesson(intake, ClassesOutcome(labels), train, held_out)


def _read(context: StepContext, of_train: BadRows, of_valid: BadRows) -> tuple[LabelledImages, LabelledImages | None]:
    size = _find_size(context.params)
    options = ImageOptions(
        label_column=context.params["label_column"],
        image_column=context.params["image_column"],
        resize=partial(resize_image, height=size[0], width=size[1]) if size is not None else None,
        flat_size=size,
        memory_bytes=context.memory_bytes,
        threads=max(1, int(context.cpus)),
        bad_rows=of_train,
    )
    train = read_labelled_images(context.store, context.inputs["train"], options)
    if "valid" not in context.inputs:
        return train, None
    return train, read_labelled_images(context.store, context.inputs["valid"], replace(options, bad_rows=of_valid))


def _find_size(params: dict[str, Any]) -> tuple[int, int] | None:
    size = params["image_size"]
    if size is None:
        return None
    return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))


def _make_valid(uri: str, valid: LabelledImages, train: LabelledImages, labels: tuple[str, ...]) -> Examples:
    """Validation images as examples; raises BadData when they are not like those of the training."""
    targets = find_targets(valid.labels, labels)
    unknown = np.flatnonzero(targets < 0)
    if len(unknown):
        raise BadData(uri, f"it has the class {valid.labels[unknown[0]]}, which the training data does not have")
    have, want = valid.images.shape[1:], train.images.shape[1:]
    if have != want:
        raise BadData(uri, f"its images have shape {list(have)}, those of the training data {list(want)}")
    if train.images.dtype == np.uint8 and valid.images.dtype != np.uint8:
        raise BadData(
            uri, "its images hold numbers that are not whole from 0 to 255, as those of the training data are"
        )
    return Examples({"image": valid.images.astype(train.images.dtype, copy=False)}, targets)
