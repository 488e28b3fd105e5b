"""Sequences of numbers as a lesson: read from a list column, and learned to be told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dix.algorithms.base import StepContext, StepResult
from dix.algorithms.lesson import Lesson, count_left_out, hold_out, train_lesson
from dix.algorithms.text_lesson import find_known_targets
from dix.data.bad_rows import BadRows
from dix.data.labelled_sequences import SequenceOptions, read_labelled_sequences
from dix.data.labels import find_targets, sort_labels
from dix.errors import BadData
from dix.frameworks.intakes.sequences import SequencesIntake, fit_sequences
from dix.frameworks.outcomes.classes import ClassesOutcome
from dix.frameworks.training import Examples


def train_on_sequences(context: StepContext, algorithm: str) -> StepResult:
    """Train on the sequences of `train`, and stop by those of `valid`, or by a part of `train` kept aside for it."""
    params = context.params
    bad_rows = BadRows(context.bad_rows), BadRows(context.bad_rows)
    options = SequenceOptions(params["sequence_column"], params["label_column"], context.memory_bytes, bad_rows[0])
    data = read_labelled_sequences(context.store, context.inputs["train"], options)
    labels = sort_labels(data.labels)
    if len(labels) < 2:
        raise BadData(context.inputs["train"], f"all sequences are of one class, {labels[0]}", "give it two or more")
    targets = find_targets(data.labels, labels)
    if "valid" in context.inputs:
        intake = fit_sequences(data.sequences, max_length=params["max_length"])
        train = Examples(intake.prepare({"sequence": data.sequences}), targets)
        held_out: Examples | None = _read_valid(context, replace(options, bad_rows=bad_rows[1]), labels, intake)
    else:
        is_valid = hold_out(targets, params["validation_split"], params["seed"])
        learned = ~is_valid if is_valid is not None else np.ones(len(targets), dtype=bool)
        intake = fit_sequences(data.sequences[learned], max_length=params["max_length"])
        examples = Examples(intake.prepare({"sequence": data.sequences}), targets)
        train = examples.take(learned)
        held_out = examples.take(is_valid) if is_valid is not None else None
    card = train_lesson(context, algorithm, Lesson(intake, ClassesOutcome(labels), train, held_out))
    return StepResult(metrics={**card.metrics, "classes": len(labels), **count_left_out(*bad_rows)})


def _read_valid(
    context: StepContext, options: SequenceOptions, labels: tuple[str, ...], intake: SequencesIntake
) -> Examples:
    uri = context.inputs["valid"]
    others = read_labelled_sequences(context.store, uri, options)
    channels = others.sequences[0].shape[1:]
    if channels != ((intake.channels,) if intake.channels else ()):
        raise BadData(uri, f"its steps are {list(channels)}, those of the training data are [{intake.channels or ''}]")
    targets = find_known_targets(uri, others.labels, labels)
    return Examples(intake.prepare({"sequence": others.sequences}), targets)
