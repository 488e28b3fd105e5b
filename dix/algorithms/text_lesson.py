"""Texts as a lesson: read, cut into words once, and learned to be told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dix.algorithms.base import StepContext, StepResult
from dix.algorithms.lesson import Lesson, count_left_out, hold_out, train_lesson
from dix.data.bad_rows import BadRows
from dix.data.labelled_texts import LabelledTexts, TextOptions, read_labelled_texts
from dix.data.labels import find_targets, sort_labels
from dix.errors import BadData
from dix.frameworks.intakes.texts import TextsIntake, cut_words, fit_texts
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.training import Examples


def train_on_texts(context: StepContext, algorithm: str) -> StepResult:
    """Train on the texts of `train`, and stop by those of `valid`, or by a part of `train` kept aside for it.

    The vocabulary is that of the texts that are learned from, so that the others meet unknown words, as later ones do.
    """
    params = context.params
    bad_rows = BadRows(context.bad_rows), BadRows(context.bad_rows)
    options = TextOptions(
        text_column=params["text_column"],
        label_column=params["label_column"],
        memory_bytes=context.memory_bytes,
        bad_rows=bad_rows[0],
    )
    texts = read_labelled_texts(context.store, context.inputs["train"], options)
    labels = sort_labels(texts.labels)
    if len(labels) < 2:
        raise BadData(context.inputs["train"], f"all texts are of one class, {labels[0]}", "give it two or more")
    targets = find_targets(texts.labels, labels)
    lower = params["lower"]
    words = [cut_words(text, lower=lower) for text in texts.texts]
    is_valid = None
    if "valid" not in context.inputs:
        is_valid = hold_out(targets, params["validation_split"], params["seed"])
    learned = np.flatnonzero(~is_valid) if is_valid is not None else np.arange(len(words))
    intake = fit_texts(
        (words[i] for i in learned),
        max_length=params["max_length"],
        max_words=params["max_words"],
        min_count=params["min_count"],
        lower=lower,
    )
    if not intake.vocabulary:
        raise BadData(context.inputs["train"], f"no word comes {params['min_count']} times", "set a smaller min_count")
    examples = Examples(intake.place_words(words), targets)
    if "valid" in context.inputs:
        of_valid = replace(options, bad_rows=bad_rows[1])
        others = read_labelled_texts(context.store, context.inputs["valid"], of_valid)
        lesson = Lesson(intake, ClassesOutcome(labels), examples, _make_valid(context, others, labels, intake))
    else:
        held_out = examples.take(is_valid) if is_valid is not None else None
        lesson = Lesson(intake, ClassesOutcome(labels), examples.take(learned), held_out)
    card = train_lesson(context, algorithm, lesson)
    return StepResult(
        metrics={
            **card.metrics,
            "classes": len(labels),
            "words": len(intake.vocabulary),
            **count_left_out(*bad_rows),
        }
    )


def _make_valid(context: StepContext, texts: LabelledTexts, labels: tuple[str, ...], intake: TextsIntake) -> Examples:
    targets = find_known_targets(context.inputs["valid"], texts.labels, labels)
    return Examples(intake.prepare({"text": texts.texts}), targets)


def find_known_targets(uri: str, of_rows: NDArray[Any], labels: tuple[str, ...]) -> NDArray[np.int64]:
    """The place of each label of a valid among the classes of the training; BadData for one that is not there."""
    targets = find_targets(of_rows, labels)
    unknown = np.flatnonzero(targets < 0)
    if len(unknown):
        raise BadData(uri, f"it has the class {of_rows[unknown[0]]}, which the training data does not have")
    return targets
