"""The convolutional net: learns to tell images apart."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from dix.algorithms.base import Algorithm, Report, StepContext, StepResult
from dix.algorithms.cnn_params import CNN_PARAMS
from dix.data.bad_rows import BadRows
from dix.data.dividing import divide
from dix.data.labelled import ImageOptions, LabelledImages
from dix.data.labels import find_targets, sort_labels
from dix.data.reading import read_labelled_images
from dix.errors import BadData
from dix.flow.spec import AlgorithmSpec, PortKind, PortSpec
from dix.frameworks.lookup import find_trainer
from dix.frameworks.resize import resize_image
from dix.frameworks.training import Examples, TrainOrder


class Cnn(Algorithm):
    """Trains on the images of `train`, and stops by those of `valid`, or by a part of `train` kept aside for it."""

    spec = AlgorithmSpec(
        name="cnn",
        title="Convolutional net",
        help="Learns to tell images apart: class folders of image files, or a table with an image and a label column.",
        inputs=(
            PortSpec("train", help="Labelled images to learn from."),
            PortSpec("valid", required=False, help="Labelled images to stop by; otherwise a part of train."),
        ),
        outputs=(
            PortSpec("model", PortKind.MODEL, help="The trained net."),
            PortSpec("metrics", PortKind.METRICS, help="The numbers of each epoch and of the epoch that was kept."),
        ),
        frameworks=("torch",),
        params=CNN_PARAMS,
        trains=True,
    )

    def run(self, context: StepContext) -> StepResult:
        params = context.params
        bad_rows = BadRows(context.bad_rows), BadRows(context.bad_rows)
        images, valid = _read(context, *bad_rows)
        labels = sort_labels(images.labels)
        if len(labels) < 2:
            raise BadData(context.inputs["train"], f"all images are of one class, {labels[0]}", "give it two or more")
        train = Examples(images.images, find_targets(images.labels, labels))
        if valid is not None:
            held_out: Examples | None = _make_valid(context.inputs["valid"], valid, train, labels)
        else:
            train, held_out = _hold_out(train, params["validation_split"], params["seed"])
        history = _History(context.report)
        card = find_trainer("cnn", context.framework or "torch")(
            TrainOrder(
                algorithm="cnn", train=train, valid=held_out, labels=labels, params=params,
                folder=context.output("model"), resize=_find_size(params),
                threads=max(1, int(context.cpus)), gpus=context.gpus,
            ),
            history,
        )  # fmt: skip
        text = json.dumps({"final": card.metrics, "epochs": history.rows}, indent=2)
        (context.output("metrics") / "metrics.json").write_text(text + "\n", encoding="utf-8")
        return StepResult(metrics={**card.metrics, "classes": len(labels), **_count_left_out(*bad_rows)})


class _History:
    """Keeps the numbers of each epoch on their way to the step's report."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.rows: list[dict[str, float]] = []

    def __call__(self, position: int, progress: float | None = None, **metrics: float) -> None:
        self.rows.append({"epoch": position, **metrics})
        self._report(position, progress, **metrics)


def _count_left_out(*each: BadRows) -> dict[str, int]:
    """The metric of what was left out of all data sets together, where that was allowed."""
    tolerant = [one for one in each if one.are_tolerated]
    return {"bad_rows": sum(one.count for one in tolerant)} if tolerant else {}


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


def _make_valid(uri: str, valid: LabelledImages, train: Examples, labels: tuple[str, ...]) -> Examples:
    """Validation images as examples; raises BadData when they are not like those of the training."""
    targets = find_targets(valid.labels, labels)
    unknown = np.flatnonzero(targets < 0)
    if len(unknown):
        raise BadData(uri, f"it has the class {valid.labels[unknown[0]]}, which the training data does not have")
    have, want = valid.images.shape[1:], train.values.shape[1:]
    if have != want:
        raise BadData(uri, f"its images have shape {list(have)}, those of the training data {list(want)}")
    if train.values.dtype == np.uint8 and valid.images.dtype != np.uint8:
        raise BadData(
            uri, "its images hold numbers that are not whole from 0 to 255, as those of the training data are"
        )
    return Examples(valid.images.astype(train.values.dtype, copy=False), targets)


def _hold_out(examples: Examples, fraction: float, seed: int) -> tuple[Examples, Examples | None]:
    """Keep a fraction of each class aside; nothing where that comes to no example."""
    is_valid = divide(examples.targets, (1.0 - fraction, fraction), seed) == 1
    if not is_valid.any():
        return examples, None
    valid = Examples(examples.values[is_valid], examples.targets[is_valid])
    return Examples(examples.values[~is_valid], examples.targets[~is_valid]), valid
