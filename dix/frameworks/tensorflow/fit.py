"""The training loop: epochs over examples that lie in memory, taken out by index; one step is one compiled graph."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from dix.frameworks.checkpoint import Checkpoint, load_checkpoint, name_arrays, save_checkpoint
from dix.frameworks.fitting import Course, FitPlan, check_finite, compute_learning_rate, draw_batches
from dix.frameworks.tensorflow.design import Augment, Weights
from dix.frameworks.tensorflow.global_layers import span_net
from dix.frameworks.tensorflow.objectives import Objective
from dix.frameworks.tensorflow.optimizers import make_optimizer
from dix.frameworks.tensorflow.peers import Peers
from dix.frameworks.tensorflow.saving import collect_weights, put_weights
from dix.frameworks.training import EpochReport, Examples

# Examples that take more than this stay in main memory, from where a GPU gets batch by batch.
_MOST_ON_GPU = 4 << 30


@dataclass(frozen=True, slots=True)
class Loaded:
    """Examples as tensors that lie on `device`."""

    tensors: dict[str, tf.Tensor]
    targets: tf.Tensor
    device: str
    count: int

    def take(self, places: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        """Some of them."""
        with tf.device(self.device):
            return {name: tf.gather(values, places) for name, values in self.tensors.items()}, tf.gather(
                self.targets, places
            )


@dataclass(frozen=True, slots=True)
class Exercise:
    """What `fit` works on: `augment` gets `params`, checkpoints are kept in `checkpoints` unless it is None.

    With `peers` each batch is divided among them, and all have the same net after each step.
    """

    train: Loaded
    valid: Loaded | None
    plan: FitPlan
    objective: Objective
    params: Mapping[str, Any]
    augment: Augment | None = None
    checkpoints: Path | None = None
    peers: Peers | None = None


def load_examples(examples: Examples) -> Loaded:
    """Put examples where the batches are cut: on the GPU where there is one and they are not too large for it."""
    size = sum(values.nbytes for values in examples.tensors.values())
    on_gpu = tf.config.get_visible_devices("GPU") and size <= _MOST_ON_GPU
    device = "/GPU:0" if on_gpu else "/CPU:0"
    with tf.device(device):
        tensors = {name: tf.convert_to_tensor(values) for name, values in examples.tensors.items()}
        return Loaded(tensors, tf.convert_to_tensor(examples.targets), device, len(examples))


def fit(net: keras.Model, exercise: Exercise, report: EpochReport) -> dict[str, Any]:
    """Train `net` in place and return the metrics of the epoch that was kept, with `epochs` done and `best_epoch`.

    The net draws from its own seeds; order and augmentation are drawn from the plan's seed here. Goes on from a
    checkpoint where there is one: with the same numbers as if it had not been interrupted. Raises BadValue when the
    loss stops being a number.
    """
    return _Loop(net, exercise, report).run()


class _Loop:
    """One training under way."""

    def __init__(self, net: keras.Model, exercise: Exercise, report: EpochReport) -> None:
        self._net = net
        self._exercise = exercise
        self._report = report
        plan = exercise.plan
        if exercise.peers is not None:
            span_net(net, exercise.peers)
        self._optimizer = make_optimizer(plan.optimizer, net, plan.learning_rate, plan.weight_decay)
        self._order = np.random.default_rng(plan.seed)
        self._chance = tf.random.Generator.from_seed(plan.seed, alg="philox")
        self._course: Course[Weights] = Course()
        self._kept_at = time.monotonic()
        # Any number of rows goes through the same graph, so that each is made once.
        places, sums = tf.TensorSpec([None], tf.int64), self._make_sums(tf.TensorSpec([], tf.float32))
        self._learn_batch = tf.function(self._do_batch, input_signature=[places, sums], autograph=False)
        self._measure_batch = tf.function(self._ask_batch, input_signature=[places, sums], autograph=False)

    def run(self) -> dict[str, Any]:
        plan, course = self._exercise.plan, self._course
        self._go_on()
        self._agree()
        while len(course.rows) < plan.epochs and not course.should_stop(plan.patience):
            epoch = len(course.rows) + 1
            course.rows.append(self._do_epoch(epoch))
            self._compare()
            self._keep()
            self._report(epoch, epoch / plan.epochs, **course.rows[-1])
        if course.best_weights is not None:
            put_weights(self._net, course.best_weights)
        return course.summarise()

    def _do_epoch(self, epoch: int) -> dict[str, float]:
        exercise = self._exercise
        rate = compute_learning_rate(exercise.plan, epoch)
        self._optimizer.learning_rate.assign(rate)
        row = self._learn()
        if exercise.valid is not None:
            row |= {f"valid_{name}": value for name, value in self._measure(exercise.valid).items()}
        check_finite(row, epoch, exercise.plan)
        return row | {"learning_rate": rate}

    def _learn(self) -> dict[str, float]:
        exercise, sums = self._exercise, self._make_sums(tf.constant(0.0))
        for chosen in draw_batches(exercise.train.count, exercise.plan.batch_size, self._order):
            with self._explain():
                sums = self._learn_batch(tf.convert_to_tensor(chosen), sums)
        return self._divide(sums, exercise.train.count)

    def _measure(self, examples: Loaded) -> dict[str, float]:
        """The objective's numbers, without learning; each of several workers looks at its share."""
        sums, size, peers = self._make_sums(tf.constant(0.0)), self._exercise.plan.batch_size, self._exercise.peers
        mine = peers.share(examples.count) if peers is not None else range(examples.count)
        for start in mine[::size]:
            chosen = np.arange(start, min(start + size, mine.stop), dtype=np.int64)
            sums = self._measure_batch(tf.convert_to_tensor(chosen), sums)
        return self._divide(sums, examples.count)

    def _do_batch(self, places: tf.Tensor, sums: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        exercise, net, peers = self._exercise, self._net, self._exercise.peers
        batch, targets, part = self._take(places)
        with tf.GradientTape() as tape:
            said = tf.cast(net(batch, training=True), tf.float32)
            loss = exercise.objective.loss(said, targets)
            loss = loss if part is None else loss * part
        # That of an embedding names words several times, and Keras would square each of them by itself.
        gradients = [tf.convert_to_tensor(one) for one in tape.gradient(loss, net.trainable_variables)]
        measured = exercise.objective.measure(said, targets)
        if peers is not None:
            gradients = peers.add_gradients(gradients, net.trainable_variables)
            measured = {name: value * peers.takes_part for name, value in measured.items()}
        self._optimizer.apply(gradients, net.trainable_variables)
        return _add(sums, measured)

    def _take(self, places: tf.Tensor) -> tuple[Mapping[str, tf.Tensor], tf.Tensor, tf.Tensor | None]:
        """This worker's rows of a batch, and which part they have in its loss; None: they are all of it."""
        exercise, peers = self._exercise, self._exercise.peers
        batch: Mapping[str, tf.Tensor]
        if peers is not None and exercise.augment is None:
            batch, of_all = {}, tf.gather(exercise.train.targets, places)
        else:  # chance is drawn for all rows, so that each row gets what it gets from one worker
            batch, of_all = exercise.train.take(places)
        if exercise.augment is not None:
            batch = dict(exercise.augment(batch, exercise.params, self._chance))
        if peers is None:
            return batch, of_all, None
        mine = peers.divide(tf.shape(places)[0])
        if exercise.augment is None:
            batch, targets = exercise.train.take(places[mine])
        else:
            batch, targets = {name: values[mine] for name, values in batch.items()}, of_all[mine]
        weigh = exercise.objective.weigh
        return batch, targets, peers.takes_part * weigh(targets) / weigh(of_all)

    def _ask_batch(self, places: tf.Tensor, sums: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        assert self._exercise.valid is not None  # noqa: S101 it is what is measured
        batch, targets = self._exercise.valid.take(places)
        said = tf.cast(self._net(batch, training=False), tf.float32)
        return _add(sums, self._exercise.objective.measure(said, targets))

    def _divide(self, sums: Mapping[str, tf.Tensor], count: int) -> dict[str, float]:
        """The means over the rows, of all workers."""
        peers = self._exercise.peers
        values = np.array([value.numpy() for value in sums.values()], np.float64)
        values = (values if peers is None else peers.add_array(values)) / count
        return dict(zip(sums, values.tolist(), strict=True))

    def _explain(self) -> AbstractContextManager[None]:
        return nullcontext() if self._exercise.peers is None else self._exercise.peers.explain()

    def _agree(self) -> None:
        """All begin with the net and the chance of the first worker."""
        if self._exercise.peers is not None:
            self._exercise.peers.agree(len(self._course.rows), "epochs in their checkpoints")
            self._exercise.peers.follow(self._net.variables)

    def _speaks(self) -> bool:
        """Whether what this worker leaves is what counts."""
        return self._exercise.peers is None or self._exercise.peers.is_first

    def _make_sums(self, nothing: Any) -> dict[str, Any]:
        return dict.fromkeys(self._exercise.objective.names, nothing)

    def _compare(self) -> None:
        if self._exercise.plan.patience > 0 and self._exercise.valid is not None:  # noqa: SIM102
            if self._course.is_best(self._course.rows[-1]):
                self._course.best_weights = collect_weights(self._net)

    def _keep(self) -> None:
        folder, due = self._exercise.checkpoints, self._kept_at + self._exercise.plan.checkpoint_every_s
        if folder is None or time.monotonic() < due or not self._speaks():
            return
        course = self._course
        arrays = name_arrays("best", course.best_weights or {})
        arrays |= name_arrays("state", {str(i): np.array(one.numpy()) for i, one in enumerate(self._list_state())})
        facts = {
            "rows": course.rows,
            "best": [course.best_epoch, course.best_loss],
            "order": json.dumps(self._order.bit_generator.state),
        }
        save_checkpoint(folder, Checkpoint(facts, arrays))
        self._kept_at = time.monotonic()

    def _go_on(self) -> None:
        folder = self._exercise.checkpoints
        kept = load_checkpoint(folder) if folder is not None else None
        if kept is None:
            return
        course = self._course
        course.rows = kept.facts["rows"]
        course.best_epoch, course.best_loss = kept.facts["best"]
        if course.best_epoch:
            course.best_weights = kept.under("best")
        self._order.bit_generator.state = json.loads(kept.facts["order"])
        state: dict[str, NDArray[Any]] = kept.under("state")
        for i, one in enumerate(self._list_state()):
            one.assign(state[str(i)])

    def _list_state(self) -> list[Any]:
        """All that a step changes: weights, optimizer, and what dropout and augmenting have drawn."""
        return [*self._net.variables, *self._optimizer.variables, self._chance.state]


def _add(sums: Mapping[str, tf.Tensor], numbers: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    return {name: sums[name] + numbers[name] for name in sums}
