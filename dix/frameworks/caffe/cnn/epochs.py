"""The epochs of a training: batches by chance for Caffe's solver, numbers, stopping, checkpoints."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from dix.frameworks.caffe.cnn.feed import to_channels
from dix.frameworks.caffe.cnn.net_text import LABELS, SCORES
from dix.frameworks.caffe.net import Net
from dix.frameworks.caffe.solver import Solver
from dix.frameworks.caffe.sources.memory import MemoryData
from dix.frameworks.caffe.weights import to_array
from dix.frameworks.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from dix.frameworks.fitting import Course, FitPlan, check_finite, compute_learning_rate
from dix.frameworks.training import EpochReport, Examples, TrainOrder

Chance = np.random.Generator


@dataclass(frozen=True, slots=True)
class Exercise:
    """What `fit` works on: all epochs have `iterations` batches of one size, as Caffe's nets have."""

    order: TrainOrder
    plan: FitPlan
    iterations: int
    batch_size: int


def fit(solver: Solver, exercise: Exercise, report: EpochReport) -> dict[str, Any]:
    """Train the solver's net and return the metrics of the epoch that was kept, with `epochs` done and `best_epoch`.

    All chance of an epoch begins anew with the seed and the epoch's number, so that a training that goes on from a
    checkpoint has the same numbers as one that was not interrupted. Raises BadValue when the loss stops being a number.
    """
    return _Loop(solver, exercise, report).run()


class _Loop:
    """One training under way."""

    def __init__(self, solver: Solver, exercise: Exercise, report: EpochReport) -> None:
        self._solver = solver
        self._exercise = exercise
        self._report = report
        self._course: Course[list[Tensor]] = Course()
        self._kept_at = time.monotonic()
        solver.param.test_interval = 0  # the epochs are tested here, each image once

    def run(self) -> dict[str, Any]:
        plan, course = self._exercise.plan, self._course
        self._go_on()
        while len(course.rows) < plan.epochs and not course.should_stop(plan.patience):
            epoch = len(course.rows) + 1
            course.rows.append(self._do_epoch(epoch))
            if plan.patience > 0 and self._exercise.order.valid is not None and course.is_best(course.rows[-1]):
                course.best_weights = [param.tensor.detach().clone() for param in self._solver.net.params]
            self._keep()
            self._report(epoch, epoch / plan.epochs, **course.rows[-1])
        if course.best_weights is not None:
            self._put(course.best_weights)
        return course.summarise()

    def _do_epoch(self, epoch: int) -> dict[str, float]:
        plan, order = self._exercise.plan, self._exercise.order
        rate = compute_learning_rate(plan, epoch)
        if plan.schedule == "cosine":  # which no policy of Caffe's is
            self._solver.param.base_lr = rate
        torch.manual_seed(plan.seed + 1_000_003 * epoch)
        row = self._learn(order.train, np.random.default_rng([plan.seed, epoch]))
        if order.valid is not None:
            row |= {f"valid_{name}": value for name, value in self._test(order.valid).items()}
        check_finite(row, epoch, plan)
        return row | {"learning_rate": rate}

    def _learn(self, examples: Examples, chance: Chance) -> dict[str, float]:
        exercise, net = self._exercise, self._solver.net
        margin = int(exercise.order.params.get("augment_shift", 0))
        sums = _Sums()
        # The last batch is filled up with the first images of the order.
        order = np.resize(chance.permutation(len(examples)), (exercise.iterations, exercise.batch_size))
        for places in order:
            _bring(net, examples, places, chance, margin)
            self._solver.iterate()
            sums.add(net, exercise.batch_size)
        return sums.divide()

    @torch.no_grad()
    def _test(self, examples: Examples) -> dict[str, float]:
        """Each image once: what fills up the last batch does not count."""
        net, size, sums = self._solver.tests[0], self._exercise.batch_size, _Sums()
        for start in range(0, len(examples), size):
            _bring(net, examples, np.arange(start, start + size) % len(examples), np.random.default_rng(0))
            net.forward()
            sums.add(net, min(size, len(examples) - start))
        return sums.divide()

    def _keep(self) -> None:
        """Caffe's own two files, and beside them what they do not hold: the numbers so far and the best weights."""
        folder, due = self._exercise.order.checkpoints, self._kept_at + self._exercise.plan.checkpoint_every_s
        if folder is None or time.monotonic() < due:
            return
        course, state = self._course, self._solver.write_snapshot().with_suffix(".solverstate")
        best = {f"best/{i:06}": to_array(tensor) for i, tensor in enumerate(course.best_weights or [])}
        facts = {"rows": course.rows, "best": [course.best_epoch, course.best_loss], "state": state.name}
        save_checkpoint(folder, Checkpoint(facts, best))
        for path in folder.glob("cnn_iter_*"):
            if path.stem != state.stem:
                path.unlink()
        self._kept_at = time.monotonic()

    def _go_on(self) -> None:
        folder = self._exercise.order.checkpoints
        kept = load_checkpoint(folder) if folder is not None else None
        if folder is None or kept is None or not (folder / Path(kept.facts["state"]).name).is_file():
            return
        self._solver.restore(folder / Path(kept.facts["state"]).name)
        course, best = self._course, kept.under("best")
        course.rows = kept.facts["rows"]
        course.best_epoch, course.best_loss = kept.facts["best"]
        if course.best_epoch:
            course.best_weights = [torch.from_numpy(best[name]) for name in sorted(best)]

    @torch.no_grad()
    def _put(self, weights: list[Tensor]) -> None:
        for param, values in zip(self._solver.net.params, weights, strict=True):
            param.tensor.copy_(values)


class _Sums:
    """Adds up the losses and the right answers of batches."""

    def __init__(self) -> None:
        self._loss = 0.0
        self._right = 0
        self._rows = 0

    def add(self, net: Net, rows: int) -> None:
        """The first `rows` of the batch that the net has just gone through."""
        scores = net.blobs[SCORES].detach()[:rows]
        labels = net.blobs[LABELS][:rows].long()
        self._loss += float(functional.cross_entropy(scores, labels, reduction="sum"))
        self._right += int((scores.argmax(dim=1) == labels).sum())
        self._rows += rows

    def divide(self) -> dict[str, float]:
        """The means over the rows."""
        return {"loss": self._loss / self._rows, "accuracy": self._right / self._rows}


def _bring(net: Net, examples: Examples, places: NDArray[np.int64], chance: Chance, margin: int = 0) -> None:
    """Hand the images at `places` to the net's data layer, with `margin` pixels of their edges around them."""
    layer = net.layers["images"]
    if not isinstance(layer, MemoryData):
        raise TypeError(f"{type(layer).__name__} takes no arrays")
    images = to_channels(examples.tensors["image"][places])
    if margin:
        images = np.pad(images, ((0, 0), (0, 0), (margin, margin), (margin, margin)), mode="edge")
    layer.add_images(images, torch.from_numpy(examples.targets[places]), chance)
