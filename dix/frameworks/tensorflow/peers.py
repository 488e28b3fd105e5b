"""The workers that train one net together: what they add up, and who has which rows of a batch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from dix.errors import DixError, PlatformError
from dix.frameworks.exchange import Exchange, exchange_with
from dix.frameworks.worker_group import WorkerGroup


class Peers:
    """Made by `meet`, which all workers call. All of them build the same graphs, so that they meet in the same order.

    What is added up inside a graph waits for the others there. A graph that does so is called within `explain`.
    """

    def __init__(self, group: WorkerGroup, exchange: Exchange) -> None:
        self._exchange = exchange
        self._failure: DixError | None = None  # set where a graph meets it, which cannot hand it on itself
        # Of the batch under way in the graph that is being made; set by `divide`.
        self.batch_rows: tf.Tensor = None
        self.mine = slice(0)
        self.takes_part: tf.Tensor = None
        self.rank = group.rank
        self.count = group.world_size
        self.is_first = group.is_first

    def share(self, rows: int) -> range:
        """Which of so many rows are this worker's; the shares differ by one row at most, and may be empty."""
        return range(rows * self.rank // self.count, rows * (self.rank + 1) // self.count)

    def divide(self, rows: tf.Tensor) -> slice:
        """Begin a batch of so many rows, and say which this worker looks at.

        Who has none, and so takes no part (`takes_part` is 0 instead of 1), looks at the first: what it draws by chance
        is what the others draw.
        """
        start, end = rows * self.rank // self.count, rows * (self.rank + 1) // self.count
        self.batch_rows, self.takes_part = rows, tf.cast(start < end, tf.float32)
        self.mine = slice(tf.where(start < end, start, 0), tf.where(start < end, end, 1))
        return self.mine

    def add(self, numbers: tf.Tensor) -> tf.Tensor:
        """The sum over all workers, in a graph: the same bits for each of them, and with its gradient."""
        summed: tf.Tensor = tf.custom_gradient(lambda x: (self._add(x), self._add))(numbers)
        return summed

    def add_gradients(self, gradients: Sequence[tf.Tensor], variables: Sequence[keras.Variable]) -> list[tf.Tensor]:
        """The sum of that of each variable over all workers, in a graph, in one go."""
        flat = self._add(tf.concat([tf.reshape(one, [-1]) for one in gradients], axis=0))
        parts = tf.split(flat, [math.prod(one.shape) for one in variables])
        return [tf.reshape(part, one.shape) for part, one in zip(parts, variables, strict=True)]

    def measure(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The mean and variance of each channel, the last dimension, over the rows of all workers."""
        axes = list(range(len(x.shape) - 1))
        count = tf.cast(tf.size(x) // x.shape[-1], tf.float32) * self.takes_part
        sums = self.add(tf.concat([tf.reduce_sum(x, axes) * self.takes_part, count[None]], axis=0))
        mean, count = sums[:-1] / sums[-1], sums[-1]
        return mean, self.add(tf.reduce_sum(tf.square(x - mean), axes) * self.takes_part) / count

    def add_array(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum over all workers, outside of graphs."""
        return self._exchange.add(numbers)

    def follow(self, variables: Sequence[keras.Variable]) -> None:
        """Take over those of the first worker."""
        for one in variables:
            values = np.array(one.numpy())
            one.assign(self._exchange.add(values if self.is_first else np.zeros_like(values)))

    def agree(self, number: int, what: str) -> None:
        """Raises PlatformError, for all of them, unless all have the same number."""
        numbers = np.zeros(self.count, np.int64)
        numbers[self.rank] = number
        numbers = self._exchange.add(numbers)
        if not (numbers == number).all():
            raise PlatformError(f"the {self.count} workers do not have the same {what}: {numbers.tolist()}")

    @contextmanager
    def explain(self) -> Iterator[None]:
        """Raises what a graph has met, and not what it makes of it."""
        try:
            yield
        except tf.errors.OpError as error:
            if self._failure is not None:
                raise self._failure from error
            raise

    def _add(self, numbers: tf.Tensor) -> tf.Tensor:
        summed = tf.numpy_function(self._exchange_or_keep, [numbers], numbers.dtype)
        summed.set_shape(numbers.shape)
        return summed

    def _exchange_or_keep(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        try:
            return self._exchange.add(numbers)
        except DixError as error:
            self._failure = error
            raise


@contextmanager
def meet(group: WorkerGroup) -> Iterator[Peers]:
    """Wait until all are there, and work together inside."""
    with exchange_with(group) as exchange:
        yield Peers(group, exchange)
